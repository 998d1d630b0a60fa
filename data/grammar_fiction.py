"""Title templates of the fiction shelves, with the words that only one shelf uses.

A template's ``{name}`` is drawn from the shelf's own bank of that name, or else from the shared banks
of `words` (see `titles`). The first shelf shows the form; all of it is made up.
"""

from __future__ import annotations

from typing import Final

from data.words import Shelf, bank

FICTION: Final[dict[str, Shelf]] = {
    "Crime": Shelf(
        """A Death in {village} | The {village} Murders | Murder at {manor} | The Body in the {spot}
        | The {surname} Inheritance | Dead by {day} | What the {trade} Saw | A Taste for {poison}
        | No Flowers for {woman} | Last Train to {place} | Inspector {surname} and the {clue}
        | The {adjective} {trade} | Blood on the {surface} | {number} Suspects | The {clue}
        | A Grave Matter in {village} | The Vanishing of {woman} {surname}
        | Sergeant {surname} Takes the {transport} | An Alibi for {man} | The {spot} at {manor}""",
        spot=bank(
            "Boathouse, Belfry, Orchard, Cellar, Reading Room, Greenhouse, Millpond, Chapel, Wine Cellar, "
            "Punt, Sacristy, Potting Shed, Signal Box, Laundry, Bathing Hut, Ice House"
        ),
        day=bank(
            "Monday, Tuesday, Friday, Sunday Lunch, Advent, Teatime, Low Tide, First Light, Harvest Festival"
        ),
        poison=bank("Arsenic, Nightshade, Bitter Almonds, Revenge, Other People, Hemlock, Scandal, Old Port"),
        clue=bank(
            "Scarlet Scarf, Missing Page, Stopped Clock, Second Glove, Broken Chessman, Torn Ticket, Wrong "
            "Umbrella, Borrowed Pistol, Locked Piano, Empty Urn, Ninth Key, Unposted Letter, Silent "
            "Telephone, Burnt Recipe, Crooked Portrait, Blue Suitcase"
        ),
        adjective=bank(
            "Drowned, Reluctant, Counterfeit, Sleepless, Left-Handed, Careless, Invisible, Obliging"
        ),
        surface=bank(
            "Sundial, Snow, Sheet Music, Slipway, Scorecard, Marble, Ballot, Heather, Tide Table, Lectern"
        ),
        transport=bank(
            "Night Ferry, Slow Train, Last Bus, Tram, Mail Boat, Funicular, Wrong Turning, Sleeper"
        ),
    ),
    "Thriller": Shelf(
        """The {surname} {dossier} | {number} Hours in {place} | The {stranger} {where}
        | Nobody Leaves {village} | The {place} {dossier} | The Perfect {role} | Everything She {did}
        | {first} {second} | Don't {dont} | The Night {man} Vanished | Someone in {village} Knows
        | Before the {deadline} | The {role} | What {woman} {did} | A {role} in {place}
        | {second} of {last} | The {first} {dossier} | Her Husband's {role}""",
        dossier=bank(
            "Protocol, Directive, File, Contract, Gambit, Exchange, Transcript, Asset, Dossier, Betrayal, "
            "Ultimatum, Defection, Sanction, Ledger, Equation, Extraction"
        ),
        stranger=bank("Woman, Stranger, Lodger, Girl, Man, Guest, Boy, Nurse, Couple, Caller"),
        where=bank(
            "in Apartment Nine, on the Night Bus, at the Window, across the Hall, in the Photograph, from "
            "Room 212, Behind the Glass, on Platform Four, with My Name, at the Lake House, Who Never "
            "Called"
        ),
        role=bank(
            "Babysitter, Neighbour, Au Pair, Witness, Understudy, Stepmother, Decoy, Hostage, Tenant, "
            "Interpreter, Surgeon, Bodyguard, Housesitter, Courier, Juror, Double, Negotiator, Alibi"
        ),
        did=bank("Buried, Erased, Promised, Remembered, Hid, Left Behind, Signed Away, Never Told, Recorded"),
        last=bank("Sunday, Silence, the Dead, Last Resort, No Return, Thieves, Record, Winter"),
        first=bank(
            "Kill, Dead, Blind, Black, Cold, Zero, Glass, Hard, Silent, False, Burn, Red, Broken, Deep"
        ),
        second=bank(
            "Signal, Switch, Ledger, Horizon, Frequency, Witness, Passage, Cipher, Channel, Target, Exit, "
            "Notice"
        ),
        dont=bank(
            "Answer the Door, Look Down, Wake the House, Tell Anna, Turn Around, Trust the Tide, Say Her "
            "Name, Open It, Take the Stairs, Call Home, Come Back for Me"
        ),
        deadline=bank(
            "Alarm, Verdict, Last Broadcast, Thaw, Second Shot, Blackout, Funeral, Handover, Storm Breaks"
        ),
    ),
    "Romance": Shelf(
        """Meet Me in {place} | A {season} at {village} | The {village} {shop} | Falling for {whom}
        | {number} Dates with {man} | Kisses and {treat} | How to {how} | The {wedding} Mistake
        | Love, {woman} | The {trade}'s Second Chance | Letters to {man} | {season} with {whom}
        | Almost {state} | The {shop} on {street} | {woman} Says {answer} | Only in {place}
        | The Trouble with {whom} | One {season} in {place} | {treat} for {woman}""",
        shop=bank(
            "Bookshop, Bakery, Tea Room, Flower Shop, Cinema, Guest House, Yarn Shop, Ice Cream Parlour, "
            "Vineyard, Ferry, Dance Hall, Chocolate Shop, Little Library, Bandstand, Lido, Button Shop"
        ),
        whom=bank(
            "the Vet, My Landlord, the Best Man, a Stranger, the Wrong Brother, Mr Maybe, the Girl Next "
            "Door, My Rival, the Captain, Doctor Right, the Boss, an Earl, the Editor, Your Ex, the "
            "Forecaster, the Chef"
        ),
        treat=bank(
            "Croissants, Cinnamon, Lemon Cake, Confetti, Marmalade, Champagne, Macarons, Gingerbread, "
            "Meringue"
        ),
        how=bank(
            "Fall for Your Flatmate, Lose a Duke, Kiss an Editor, Marry for Luck, Pack for Two, Break Your "
            "Own Heart, Ruin a Honeymoon, Be Somebody's Plus One, Miss a Plane, Ask a Lighthouse Out, "
            "Write to a Soldier"
        ),
        wedding=bank(
            "Honeymoon, Bridesmaid, Bouquet, Engagement, Mistletoe, Valentine, Proposal, Runaway Bride"
        ),
        state=bank("Married, Yours, Perfect, Paris, Over You, Ever After, Home, Sensible, Famous, a Bride"),
        answer=bank("Yes, Maybe, Never Again, I Do, Wait, Not Yet, Goodnight, Please"),
        street=bank(
            "Orchard Row, Linden Street, Primrose Street, the Corner, the Canal, Rue des Lilas, Clover Lane"
        ),
    ),
    "Fantasy": Shelf(
        """A {court} of {plain} and {plain} | The {epic} of {realm} | {realm} Rising | The {beast} Crown
        | The {magic} {artifact} | Heir of {plain} | The Last {epic} | Song of the {beast}
        | {number} {artifact}s of {realm} | Beneath a {colour} Moon | The {trade} and the {beast}
        | Shadows over {realm} | The {epic}'s {artifact} | {plain} and {plain} | The Gates of {realm}
        | A Crown for the {epic} | The {artifact} of {realm} | The {magic} {epic}
        | Daughter of {plain} | The {trade} of {realm}""",
        court=bank("Court, Kingdom, House, Tower, Throne, Song, Book, Garden, School, War, Feast"),
        plain=bank(
            "Ash, Thorn, Starlight, Bone, Salt, Frost, Embers, Honey, Iron, Ruin, Moss, Glass, Thunder, "
            "Smoke, Silk, Rain, Roses, Ink, Shadow, Amber, Feathers, Blood"
        ),
        epic=bank(
            "Oathkeeper, Queen, Wayfarer, Spellwright, Exile, Dragon Rider, Pretender, Thief, Sworn Sword, "
            "Seer, Storm Caller, Regent, Shapeshifter, Necromancer, Warden, Ranger, Bard, Witch, "
            "Foundling, Runesmith"
        ),
        magic=bank(
            "Whispering, Shattered, Burning, Nameless, Thrice-Cursed, Hollow, Sleeping, Ninth, Sunken, "
            "Forgotten"
        ),
        artifact=bank(
            "Sword, Mirror, Grimoire, Chalice, Map, Lantern, Key, Blade, Ring, Throne, Horn, Spell, Crown"
        ),
    ),
    "Science Fiction": Shelf(
        """The {star} {thing} | The Last {crew} of {star} | A Memory of {sky}
        | {number} Light-Years from {home} | Children of {sky} | The {quality} Machine
        | Echoes of {star} | When the {thing} {verb} | Orbit of {abstract} | {star} Descending
        | The {quality} {crew} | Notes from a {quality} Planet | A {thing} at the Edge of {star}
        | The {sign} {thing} | All Our {quality} Selves | {star} Station | The {crew}'s {thing}
        | Beyond {star} | What the {machine} Dreamed | Minds Like {sky}""",
        thing=bank(
            "Signal, Archive, Colony, Paradox, Accord, Drift, Engine, Garden, Mutiny, Experiment, Anomaly, "
            "Exodus, Armada, Library, Cartel, Ark, Threshold, Blackout"
        ),
        crew=bank(
            "Pilot, Cosmonaut, Terraformer, Xenologist, Navigator, Archivist, Clone, Castaway, Engineer, "
            "Ambassador, Gardener, Salvager, Cryptographer, Medic"
        ),
        sky=bank(
            "the Void, Comets, the Eclipse, Dark Suns, the Long Night, Red Dwarfs, Supernovae, the Aurora, "
            "Rust, Static"
        ),
        sign=bank(
            "Nebula, Comet, Eclipse, Solstice, Pulsar, Perihelion, Dark Sun, Aurora, Zenith, Parallax, "
            "Redshift"
        ),
        home=bank("Home, Yesterday, Anywhere, Earth, Mercy, Breakfast, the Last Star, Morning"),
        quality=bank(
            "Improbable, Obsolete, Patient, Recursive, Borrowed, Quantum, Unfinished, Synthetic, Lonely, "
            "Parallel, Untranslatable, Weightless, Second-Hand"
        ),
        verb=bank("Answers, Wakes, Fails, Remembers, Turns Away, Learns to Lie, Goes Dark, Arrives, Sleeps"),
        machine=bank(
            "Lighthouse, Elevator, Automaton, Satellite, Shipmind, Weather Station, Ansible, Vending Machine"
        ),
    ),
    "Horror": Shelf(
        """The {grim} {house} | What Waits in the {house} | The {ghost} of {village}
        | {village} Is {state} | Something {moves} in the {spot} | {number} Nights at {manor}
        | The {trade}'s Teeth | Feed the {beast} | It Came with the {weather} | The {ghost} Upstairs
        | Don't Bury {woman} | The {grim} Hours | Mother {plant} | The {spot} Remembers
        | A {house} Full of {vermin} | Sleep Well, {man} | Below {village} | {surname} Hollow
        | The {grim} {ghost}""",
        grim=bank(
            "Hollow, Pale, Starving, Crooked, Weeping, Unquiet, Rotten, Faceless, Hungry, Blistered, "
            "Drowned, Red"
        ),
        house=bank(
            "Nursery, Asylum, Cellar, Farmhouse, Dollhouse, Well, Carnival, Attic, Mirror, Orphanage, "
            "Cabin, Crawlspace, Chapel, Theatre, Lighthouse, Caravan"
        ),
        ghost=bank(
            "Haunting, Widow, Scarecrow, Visitor, Revenant, Choir, Boy, Twins, Lodger, Preacher, Thing, Witch"
        ),
        state=bank("Hungry, Listening, Burning, Not Empty, Awake, Waiting, Dreaming, Underwater"),
        moves=bank("Moves, Breathes, Scratches, Sings, Feeds, Whispers, Grows, Knocks, Hatches"),
        spot=bank("Walls, Corn, Snow, Pines, Dark, Bathwater, Static, Chimney, Fog, Root Cellar, Garden"),
        weather=bank("Rain, Fog, Frost, Harvest, Tide, Night Train, Thaw, Circus, Furniture, Wedding Dress"),
        vermin=bank("Moths, Rats, Teeth, Wasps, Crows, Dolls, Hair, Voices, Flies, Salt"),
    ),
    "Historical Fiction": Shelf(
        """The {trade}'s {kin} | The {trade} of {place} | {place} in {season} | The {plant} Letters
        | A {garment} for {woman} | Daughters of the {water} | The {season} {trade}
        | The Road from {place} | The Queen's {trade} | The Ship to {place} | {woman} and the {trade}
        | The {colour} {garment} | A {trade} in {place} | The {surname} Sisters | The {plant} Trade
        | When {place} Burned | The Bridge at {place} | The Siege of {place} | {man} {surname}'s War
        | The {bird} of {place}""",
        garment=bank(
            "Shawl, Greatcoat, Wedding Veil, Uniform, Mourning Dress, Kimono, Sari, Ball Gown, Apron, "
            "Mantilla, Glove"
        ),
    ),
    "Literary Fiction": Shelf(
        """The {form} of {abstract} | {abstract} and Other {plural} | What We {past} about {subject}
        | The Year of the {beast} | A {shade} Kind of {abstract} | In Praise of {subject}
        | {woman} {alone} | Small {plural} | {man} and {woman} | The {plural} of {woman} {surname}
        | {season} {plural} | A {form} for {man} | The {shade} {plural} | {place} without You
        | My Father's {plural} | {subject} in {season} | The {bird} Hour | Every {shade} Thing
        | {surname}'s {form} | All the {shade} {plural}""",
        form=bank(
            "Weight, Grammar, Anatomy, Study, Shape, Museum, Theory, Inventory, Cartography, Atlas, Elegy, "
            "Country"
        ),
        plural=bank(
            "Mercies, Errors, Afternoons, Hours, Departures, Rooms, Weddings, Inheritances, Confessions, "
            "Apologies, Photographs, Dinners, Islands, Funerals, Silences, Translations, Houses, Accidents"
        ),
        past=bank("Forgot, Knew, Said, Kept, Owed, Meant, Lost, Invented, Learned, Buried"),
        subject=bank(
            "the Sea, Slow Rivers, Houses, My Brother, Trains, Small Rooms, Leaving, the Orchard, Snow, Bread"
        ),
        shade=bank(
            "Lesser, Particular, Tender, Uncertain, Quiet, Borrowed, Ordinary, Late, Imperfect, Necessary, "
            "Bright"
        ),
        alone=bank(
            "Alone, Returns, in the Garden, at Forty, Explains, by the Window, Leaves the Party, Among "
            "Strangers, Waiting, Before the War, Asleep"
        ),
    ),
    "Young Adult": Shelf(
        """{number} Reasons to {verb} | The {adjective} Life of {woman} {surname} | {woman} vs the {foe}
        | We Were {adjective} | The {group} of {school} | How {man} {surname} Lost the {prize}
        | This Is Not a {thing} | {woman} and {man} Forever | The {season} We {past} | Dear {man}
        | Girls Like {woman} | The {school} {thing} | Last Seen in {village} | The {foe} Club
        | Everything I {past} at {school} | Not Your {adjective} {group} | Kings of {village}
        | The Unofficial {thing} of {woman} {surname}""",
        verb=bank(
            "Run, Stay, Kiss a Stranger, Hate Summer, Text Back, Skip Class, Forgive You, Scream, Shine"
        ),
        adjective=bank(
            "Invincible, Unlikely, Almost Famous, Ordinary, Electric, Reckless, Awkward, Brilliant, "
            "Secret, Loud"
        ),
        foe=bank(
            "Apocalypse, Internet, Prom Queen, Yearbook, Universe, Algorithm, Sky, Zombies, Breakfast, "
            "Breakup"
        ),
        group=bank("Heroes, Outcasts, Queens, Rebels, Nobodies, Liars, Ghosts, Misfits, Runaways, Prodigies"),
        school=bank(
            "Westbrook High, Room 13, Camp Larch, St Brendan's, the Night Bus, Halden Academy, Summer School"
        ),
        prize=bank("Election, Bet, Girl, Talent Show, Map, Quiet, Car, Band, Championship"),
        thing=bank(
            "Love Song, Fairy Tale, Diary, Drill, Apology, Guidebook, Audition, Playlist, Rumour, Experiment"
        ),
        past=bank("Learned, Lied, Broke, Burned, Vanished, Danced, Drove West, Hid, Shouted"),
    ),
    "Children": Shelf(
        """{woman} and the {adjective} {beast} | The {beast} Who {did} | {man}'s {adjective} {toy}
        | Goodnight, Little {beast} | The {adjective} {toy} | {number} {adjective} {animals}
        | Where Is {bird}'s {toy}? | The {beast} and the {bird} | {woman} Builds a {toy}
        | A {toy} for {beast} | {man} {surname} and the {toy} of Doom | {animals} in the {spot}
        | The Secret {toy} of {village} | Can a {beast} {can}? | Captain {woman} and the {animals}
        | Hello, {beast} | The {adjective} Adventures of {man} the {beast}""",
        adjective=bank(
            "Grumpy, Enormous, Very Small, Magnificent, Upside-Down, Sleepy, Curious, Muddy, Midnight, Wobbly"
        ),
        did=bank(
            "Lost His Hum, Ate the Moon, Wouldn't Share, Stayed Up Late, Learned to Whistle, Forgot "
            "Winter, Joined the Orchestra, Was Afraid of Rain, Wanted a Hat, Missed the Bus"
        ),
        toy=bank(
            "Balloon, Treehouse, Trombone, Kite, Submarine, Umbrella, Robot, Birthday, Pancake, Sock, "
            "Rocket, Wagon"
        ),
        animals=bank(
            "Penguins, Goats, Kittens, Dragons, Ducks, Hamsters, Bears, Llamas, Mice, Giraffes, Puffins"
        ),
        spot=bank("Bathtub, Library, Snow, Post Office, Kitchen, Lift, Museum, Wardrobe, Supermarket"),
        can=bank("Dance, Keep a Secret, Catch a Cold, Ride a Bicycle, Play the Tuba, Say Sorry, Bake, Count"),
    ),
}

"""Title templates of the non-fiction and poetry shelves, in the form of `grammar_fiction`."""

from __future__ import annotations

from typing import Final

from data.words import Shelf, bank

NONFICTION: Final[dict[str, Shelf]] = {
    "Biography": Shelf(
        """The {adjective} Life of {woman} {surname} | {man} {surname}: {verdict}
        | Becoming {woman} {surname} | {woman} {surname}: A Life in {field}
        | {surname}: The {role} Who {did} | My Life in {field} | Notes from a {role}'s Desk
        | {number} Years in {field} | The Two Lives of {man} {surname} | A {role}'s Daughter
        | {adjective} Woman: The Story of {woman} {surname} | Born in {place}
        | The Education of {man} {surname} | What {field} Taught Me | The {role} from {place}
        | {woman} and {man} {surname}: {verdict} | Before I Was {adjective}""",
        adjective=bank(
            "Improbable, Quiet, Restless, Double, Unfinished, Fearless, Stubborn, Hidden, Difficult, Famous"
        ),
        verdict=bank(
            "A Life, The Untold Story, The Making of a Rebel, The Lost Years, A Portrait, The Last "
            "Interview, Genius and Its Price, An Unquiet Mind, The Authorised Life, A Life in Letters"
        ),
        field=bank(
            "Opera, Chess, Politics, Radio, Medicine, Football, Film, Fashion, Jazz, Mountains, Ballet, "
            "Cycling, Music"
        ),
        role=bank(
            "Composer, Surgeon, Diplomat, War Reporter, Jockey, Painter, Judge, Codebreaker, Conductor, "
            "Goalkeeper, Architect, Suffragette, Comedian, Test Pilot, Gardener, Spy, Chemist"
        ),
        did=bank(
            "Said No, Never Slept, Changed Chess, Fooled Europe, Heard Everything, Walked Away, Built a "
            "City, Won Twice"
        ),
    ),
    "History": Shelf(
        """The {event} of {place} | {goods}: A {sort} History
        | The {adjective} Empire: The {peoples} and the {water} | The {peoples}
        | How {goods} Changed {where} | The Road to {place} | {number} Days in {place}: The {event}
        | The {adjective} Century | A History of {place} in {number} {objects} | Merchants of {place}
        | The {goods} Road | {peoples} and {peoples}: The {event} | The World of the {peoples}
        | After the {event} | {adjective} Kings | The {place} Conspiracy
        | The Hidden History of {goods} | The {season} of Nations: {where} and the {event}""",
        event=bank(
            "Siege, Fall, Treaty, Plague, Uprising, Great Fire, Partition, Armistice, Revolt, Coronation, "
            "Blockade, Famine"
        ),
        goods=bank(
            "Salt, Indigo, Cod, Paper, Rubber, Porcelain, Sugar, Tin, Opium, Wool, Clockwork, Glass, "
            "Nutmeg, Amber, Coal, Cotton, Silver, Tea, Ink, Maps"
        ),
        sort=bank("Short, Human, Global, Secret, Bitter, Material, Political, Brief, Social"),
        adjective=bank(
            "Forgotten, Restless, Gilded, Reluctant, Divided, Wandering, Iron, Unfinished, Paper, Drowned"
        ),
        peoples=bank(
            "Venetians, Vikings, Ottomans, Phoenicians, Normans, Hanseatics, Mughals, Romans, Habsburgs, "
            "Minoans, Scythians, Etruscans, Medici, Samurai, Moors, Huguenots, Berbers, Khmer"
        ),
        where=bank(
            "Europe, the World, the North, Africa, the Sea, Asia, Money, the Kitchen, War, the Americas"
        ),
        objects=bank(
            "Objects, Maps, Buildings, Letters, Meals, Trials, Portraits, Inventions, Streets, Songs"
        ),
    ),
    "Popular Science": Shelf(
        """The {quality} {organ} | Why {things} {verb} | {things}: {promise} | A Brief Guide to {topic}
        | The {topic} Instinct | How to Think About {topic} | {number} Equations That {did}
        | The Secret Life of {things} | The Mathematics of {topic} | In Search of {topic}
        | The {quality} Universe | What {things} Know About {topic} | The {topic} Problem
        | {topic} for the Curious | The Trouble with {topic} | Inside the {organ} | {topic}: {promise}
        | Lost in {topic}""",
        quality=bank(
            "Restless, Accidental, Predictable, Elegant, Noisy, Forgetful, Symmetrical, Social, Hungry, "
            "Improbable"
        ),
        organ=bank("Brain, Cell, Atom, Genome, Eye, Heart, Gut, Ocean Floor, Ear, Immune System, Particle"),
        things=bank(
            "Numbers, Bacteria, Clouds, Neutrinos, Volcanoes, Genes, Algorithms, Fungi, Magnets, Crystals, "
            "Networks, Viruses, Glaciers, Proteins, Black Holes"
        ),
        verb=bank("Matter, Sleep, Collapse, Synchronise, Lie, Cluster, Migrate, Cooperate, Age, Surprise Us"),
        topic=bank(
            "Time, Chance, Infinity, Sleep, Colour, Heat, Entropy, Pain, Memory, Sound, Consciousness, "
            "Ageing, Symmetry, Zero, Taste, Dark Matter, Climate, Randomness"
        ),
        promise=bank(
            "The New Science, What We Got Wrong, A Field Guide, The Hidden Order, An Unfinished Story, "
            "From Atoms to Us, The First Billion Years, A User's Manual"
        ),
        did=bank(
            "Changed Everything, Built the World, Nobody Believed, Went Missing, Explain the Sky, Broke "
            "Physics"
        ),
    ),
    "Nature": Shelf(
        """The Secret Life of the {beast} | A Year among {plurals} | The {bird}'s Way
        | In the Company of {plurals} | Notes from a {habitat} | The {habitat} in {season}
        | {season} on the {water} | Wild {plant} | Listening to {plurals}
        | The {water}: A Natural History | Following the {bird} | The Last {habitat}
        | The {beast} at the Door | How to Read a {habitat} | {plurals}: An Obsession
        | Under the {plant} | The {bird} and the {water} | A Small Book of {plurals}
        | Where the {plurals} Went""",
        plurals=bank(
            "Owls, Moths, Oaks, Eels, Rooks, Lichens, Wolves, Bees, Ferns, Whales, Swifts, Mosses, Hares, "
            "Otters, Beavers, Snails, Orchids, Geese, Mushrooms, Bats"
        ),
        habitat=bank(
            "Hedgerow, Salt Marsh, Meadow, Peat Bog, Beech Wood, Rock Pool, Moor, Chalk Stream, Kitchen "
            "Garden, Rainforest, Heath"
        ),
    ),
    "Travel": Shelf(
        """Across {region} by {transport} | {number} Weeks in {region} | The Slow Road to {place}
        | A {trade} in {region} | Walking {region} | {place} after Dark | Letters from {region}
        | The {transport} to {place} | Lost in {place} | {region}: A {sort} Journey
        | From {place} to {place} | Winter in {region} | A Corner of {region} | {place} on Foot
        | No Signal in {region} | {season} in {place} | The Far Side of {region}
        | A Winter Walk through {region}""",
        transport=bank(
            "Bicycle, Night Train, Mule, Post Bus, Ferry, Canoe, Motorbike, Dog Sled, Steamer, Tram, "
            "Camper Van"
        ),
        sort=bank("Sentimental, Hungry, Vertical, Winter, Musical, Solitary, Wrong-Headed, Family, Second"),
    ),
    "Food": Shelf(
        """The {place} Kitchen | {ingredient} and {ingredient} | {number} Ways with {ingredient}
        | A {meal} in {place} | {ingredient}: {promise} | Cooking from {region}
        | The {adjective} Table | The {season} Table | My Mother's {dish} | The {adjective} Baker
        | {dish} and Other {comforts} | {meal} for {number} | {place} to Table
        | The Little Book of {dish} | Bread and {ingredient} | Eating {region} | A {trade}'s {meal}
        | Simply {ingredient}""",
        ingredient=bank(
            "Saffron, Lemons, Olive Oil, Rye, Miso, Chickpeas, Butter, Cardamom, Anchovies, Honey, "
            "Aubergines, Sea Salt, Tamarind, Fennel, Mushrooms, Chocolate, Rice, Tomatoes, Pepper, Garlic, "
            "Cheese"
        ),
        meal=bank("Supper, Breakfast, Picnic, Sunday Lunch, Feast, Midnight Snack, Tea, Dinner, Long Lunch"),
        dish=bank(
            "Dumplings, Pickles, Flatbreads, Stews, Noodles, Pies, Soups, Preserves, Curries, Tarts, "
            "Pancakes, Sauces"
        ),
        promise=bank(
            "A Love Story, Sixty Recipes, From Field to Fork, The Whole Story, A Cook's Companion, Recipes "
            "and Rants"
        ),
        adjective=bank(
            "Unhurried, Frugal, Vegetable, Generous, Midweek, Smoky, Solo, Forager's, Weekend, Green, Wooden"
        ),
        comforts=bank("Comforts, Consolations, Sunday Habits, Small Feasts, Necessities, Arguments"),
    ),
    "Business": Shelf(
        """The {adjective} {leader} | {verb} Less | {concept} at Work | The {concept} Advantage
        | {number} Rules of {concept} | Why {firms} Fail | The {firms} Playbook
        | From {start} to {finish} | The Art of {concept} | {concept}: {promise}
        | {verb} Like a {leader} | The {surname} Way | Inside {surname} and Sons | Radical {concept}
        | The {leader}'s Notebook | Beyond {concept} | Good {firms} Don't {verb}
        | The Price of {concept}""",
        adjective=bank(
            "Curious, Hundred-Day, Accidental, Ten-Minute, Honest, Reluctant, Patient, Remote, Humble, Bold"
        ),
        leader=bank(
            "Manager, Founder, Negotiator, Investor, Strategist, Leader, Economist, Apprentice, Outsider, "
            "Beginner"
        ),
        verb=bank("Meet, Promise, Plan, Hire, Measure, Argue, Sell, Decide, Hurry, Spend, Fix, Listen"),
        concept=bank(
            "Trust, Focus, Friction, Compounding, Attention, Pricing, Feedback, Ownership, Scarcity, "
            "Delegation, Stillness, Debt, Failure, Leverage, Simplicity, Candour, Habit"
        ),
        firms=bank(
            "Startups, Family Firms, Big Companies, Teams, Banks, Giants, Experts, Monopolies, Committees"
        ),
        start=bank("Garage, Zero, Idea, Kitchen Table, Chaos, Market Stall, Crisis, Spreadsheet"),
        finish=bank("Global, Profit, Launch, Exit, Calm, Market Leader, Household Name, Scale"),
        promise=bank(
            "A Manifesto, The Missing Manual, Lessons from the Shop Floor, Why It Works, The New Rules, A "
            "Contrarian View"
        ),
    ),
    "Poetry": Shelf(
        """{abstract} in {season} | The {bird} Poems | {number} Elegies for {place} | Ode to {small}
        | {plant} and {plant} | A Field of {small} | {colour} Hours | The {water} Speaks
        | Psalms for the {bird} | Letters to the {water} | {season} Psalter | Unsent {small}
        | The {colour} {plant} | Notes toward {abstract} | Singing to {small} | The {bird} in {season}
        | {abstract} with {bird}s | Selected Poems of {woman} {surname} | After the {plant}""",
        small=bank(
            "Buttons, Small Rain, Stones, Kitchens, Postcards, Rust, Dust, Lamps, Windows, Loaves, "
            "Ladders, Teacups, Snow, Pebbles, Wasps, Milk, Keys"
        ),
    ),
}

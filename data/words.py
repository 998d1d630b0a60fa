"""Word banks of the title grammar in `titles`: every bank is a tuple of ready-to-print words or phrases.

All of it is made up for this project. A bank is written as one comma-separated text so that it can be
read and extended at a glance; `bank` refuses a word that was entered twice.
"""

from __future__ import annotations

from typing import Final


def bank(text: str, separator: str = ",") -> tuple[str, ...]:
    """Split a text into the words or phrases between its separators.

    Raises
    ------
    ValueError
        If a word occurs twice: it would be drawn twice as often and repeat in the titles.
    """
    words = tuple(" ".join(word.split()) for word in text.split(separator))
    if len(set(words)) != len(words):
        raise ValueError(
            f"word entered twice: {sorted(word for word in words if words.count(word) > 1)[0]!r}"
        )
    return words


WOMEN: Final = bank(
    "Ada, Agnes, Alma, Amara, Anneke, Asha, Beatrice, Bridie, Carmen, Celeste, Clara, Cora, Delphine, "
    "Dorothea, Edith, Elena, Elif, Esme, Farah, Fiona, Greta, Hana, Hester, Imogen, Ingrid, Isolde, Ivy, "
    "Josephine, Junko, Kamala, Katya, Lakshmi, Leila, Leonora, Lucia, Mabel, Magda, Marguerite, Marisol, "
    "Maud, Mei, Mina, Nadia, Ngozi, Niamh, Noor, Odette, Olive, Ottilie, Paloma, Petra, Priya, Rosalind, "
    "Ruth, Sabine, Saoirse, Selma, Sigrid, Soraya, Tamsin, Thea, Ursula, Valentina, Vera, Winifred, "
    "Yasmin, Yuki, Zadie, Zelda, Zora"
)
MEN: Final = bank(
    "Abel, Alistair, Ambrose, Anders, Arlo, Arturo, Basil, Benedict, Bruno, Callum, Caspar, Cyril, "
    "Dashiell, Desmond, Dmitri, Edmund, Elias, Emeka, Emil, Felix, Finn, Gideon, Hamish, Hugo, Idris, "
    "Ignatius, Ivan, Jasper, Javier, Jonah, Kofi, Kwame, Lars, Leopold, Lorenzo, Luca, Magnus, Malachi, "
    "Mateo, Milo, Nikolai, Omar, Oskar, Otto, Paolo, Percy, Rafael, Ravi, Rupert, Samir, Sebastian, Silas, "
    "Stellan, Sunil, Tadeo, Tariq, Theo, Tobias, Umberto, Victor, Viggo, Walter, Wendell, Xavier, Yusuf, "
    "Zachary"
)
SURNAMES: Final = bank(
    "Abara, Achterberg, Adeyemi, Alcott-Wray, Almeida, Anand, Arkwright, Ashby, Bakshi, Balogun, Barrow, "
    "Beaumont, Bellweather, Bergstrom, Blackwood, Bonetti, Braithwaite, Calloway, Carver, Castellan, "
    "Chaudhry, Chen, Corrigan, Coyle, Cresswell, Dalgaard, Darrow, Delacroix, Demir, Drummond, Dufresne, "
    "Eastman, Ekwueme, Ellery, Fairweather, Falk, Farrow, Feldman, Ferreira, Finch, Fontaine, Galbraith, "
    "Gallo, Garrick, Ghosh, Greaves, Guerrero, Haddad, Halloran, Harcourt, Hartwell, Hawthorn, Herrera, "
    "Hollis-Reed, Holmgren, Ibarra, Ishikawa, Iyer, Jankowski, Jardine, Kaminski, Kapoor, Kavanagh, "
    "Keller, Kessler, Kimura, Kovac, Lachance, Langley, Larkin, Laurent, Leclerc, Lindqvist, Lockhart, "
    "Lowell, Macready, Mahfouz, Malik, Marchetti, Marlowe, Mbeki, McAllister, Medina, Mercer, Moreau, "
    "Moretti, Nakagawa, Nasser, Navarro, Nightingale, Nwosu, Oakley, Obi, Okafor, Okonkwo, Olsen, Ortega, "
    "Osei, Pacheco, Pemberton, Penhaligon, Petrov, Pike, Pryce, Quimby, Quintero, Radcliffe, Rahman, "
    "Ramirez, Redgrave, Renner, Rinaldi, Rourke, Rowntree, Sato, Sayegh, Schaefer, Selwyn, Sorensen, "
    "Stanhope, Sterling, Strand, Takahashi, Tanaka, Thackeray-Lowe, Thorne, Tierney, Tran, Trevelyan, "
    "Usman, Valdez, Vance, Vasquez, Voss, Wainwright, Wakefield, Weatherby, Whitlock, Winterbourne, Wolfe, "
    "Wray, Yamada, Yilmaz, Zaman, Zielinski"
)
PLACES: Final = bank(
    "Lisbon, Trieste, Cairo, Havana, Odessa, Kyoto, Marrakesh, Galway, Bruges, Valparaiso, Palermo, "
    "Tangier, Riga, Prague, Vienna, Istanbul, Naples, Seville, Bergen, Dresden, Krakow, Budapest, Lagos, "
    "Zanzibar, Mombasa, Calcutta, Saigon, Shanghai, Macau, Manila, Samarkand, Tbilisi, Beirut, Alexandria, "
    "Damascus, Tehran, Buenos Aires, Montevideo, Bogota, Cartagena, Oaxaca, Veracruz, New Orleans, "
    "Savannah, Chicago, Montreal, Halifax, Reykjavik, Edinburgh, Glasgow, Belfast, Cardiff, Bristol, "
    "Marseille, Lyon, Turin, Genoa, Ljubljana, Sarajevo, Helsinki, Vilnius, Gdansk, Antwerp, Hamburg"
)
VILLAGES: Final = bank(
    "Wexcombe, Blackmere, Penhallow, Saltmarsh, Merrow Bay, Cold Ashby, Hollow Pines, Thornby, Larkham, "
    "Marlow End, Dunmore, Kestrel Point, Whitcombe, Harrow Lane, Foxhollow, Oakhaven, Little Marden, Upper "
    "Tansley, Cedar Falls, Linden Street, Quarry Hill, Millbrook, Nettlecombe, Fenwick, Birchwood, Carrow "
    "Sands, Stonebridge, Wren Cross, Holloway, Maplewood, Tarn Head, Sandhaven, Bellhaven, Copper Creek, "
    "Juniper Bay, Mistletoe Lane, Silver Lake, Heron Cove, Bramble Hill, Gull Island, Primrose Street, "
    "Ashgrove, Pebble Beach Road, Winterfold, Orchard Row, Candlewick, Lantern Hill, Swallowdale End"
)
MANORS: Final = bank(
    "Harrowgate Hall, Penrose Abbey, Blackthorn Manor, Starling House, the Grand Meridian, Ravensworth, "
    "Larkspur Lodge, the Hotel Bellevue, St Aldhelm College, Gallows Farm, Mistral House, the Old Rectory, "
    "Kingfisher Court, the Opera House, Tolland Priory, the Savile Club, Foxglove Cottage, Pellham Park, "
    "the Lido, the Vicarage, the Observatory, Greystone Grange, Cutler Mill, the Winter Palace Hotel"
)
TRADES: Final = bank(
    "Clockmaker, Beekeeper, Lighthouse Keeper, Cartographer, Apothecary, Glassblower, Locksmith, "
    "Bookbinder, Seamstress, Undertaker, Botanist, Ferryman, Perfumer, Piano Tuner, Watchman, Translator, "
    "Midwife, Falconer, Astronomer, Silk Weaver, Stonemason, Puppeteer, Ballad Singer, Archivist, "
    "Governess, Portrait Painter, Salt Merchant, Saddler, Gravedigger, Printmaker, Lacemaker, Toymaker, "
    "Organist, Harbour Master, Photographer, Tea Merchant, Tailor, Chandler, Pearl Diver, Miller, Baker, "
    "Goldsmith, Violin Maker, Herbalist, Shepherd, Signalman, Librarian, Gardener, Ice Cutter, Census "
    "Taker"
)
KIN: Final = bank(
    "Daughter, Wife, Apprentice, Son, Widow, Sister, Promise, Secret, Ledger, Garden, Confession, Journey, "
    "Debt, Granddaughter, Shadow, Gift, Return, Bride, Ghost, Lament, Twin, War, Notebook, Last Summer"
)
BIRDS: Final = bank(
    "Nightingale, Heron, Kingfisher, Swallow, Raven, Wren, Starling, Kestrel, Magpie, Albatross, Crane, "
    "Lark, Barn Owl, Nightjar, Sparrow, Cormorant, Swift, Goldfinch, Curlew, Jackdaw, Petrel, Skylark, "
    "Bittern, Peregrine, Plover, Cuckoo"
)
BEASTS: Final = bank(
    "Fox, Hare, Wolf, Stag, Otter, Bear, Lynx, Moth, Spider, Whale, Tiger, Salmon, Badger, Bat, Serpent, "
    "Hound, Mare, Elephant, Tortoise, Honeybee, Octopus, Hedgehog, Beetle, Eel, Jackal, Red Squirrel, "
    "Seal, Toad"
)
PLANTS: Final = bank(
    "Jasmine, Wisteria, Lavender, Foxglove, Hawthorn, Juniper, Magnolia, Camellia, Rosemary, Hyacinth, "
    "Thistle, Almond Blossom, Saffron, Marigold, Snowdrop, Lilac, Cherry, Willow, Cedar, Olive, Peony, "
    "Bluebell, Quince, Fig, Gorse, Heather, Elderflower, Mulberry, Honeysuckle, Ivy, Linden, Wormwood"
)
COLOURS: Final = bank(
    "Scarlet, Ivory, Amber, Cobalt, Crimson, Silver, Copper, Emerald, Indigo, Ochre, Vermilion, Violet, "
    "Golden, Ash-Grey, Black, White, Green, Blue, Yellow, Rose-Coloured, Saffron, Jade"
)
SEASONS: Final = bank(
    "Spring, Summer, Autumn, Winter, Midsummer, Midwinter, Michaelmas, August, September, November, "
    "December, February, April, October, June"
)
NUMBERS: Final = bank(
    "Two, Three, Four, Five, Six, Seven, Eight, Nine, Ten, Eleven, Twelve, Thirteen, Forty, A Hundred"
)
WATERS: Final = bank(
    "River, Tide, Harbour, Estuary, Lake, Delta, Marsh, Canal, Brook, Lagoon, Shore, Strait, Fjord, Weir, "
    "Sound, Waterfall, Island, Reef, Bay, Flood"
)
ABSTRACTS: Final = bank(
    "Grief, Mercy, Patience, Silence, Forgetting, Longing, Distance, Luck, Kindness, Solitude, "
    "Inheritance, Doubt, Gravity, Belonging, Tenderness, Ordinary Light, Departure, Gratitude, Weather, "
    "Return, Wonder, Regret, Courage, Absence, Memory, Arithmetic, Perspective, Translation, Salt, Sleep"
)
REALMS: Final = bank(
    "Arvendale, Kessara, Morhollow, Ysmere, Caldrith, Tavareth, Ondrel, Eskarra, Thornmarch, Norrowen, "
    "Selmaris, Drakhaven, Orrin Vale, Velkyn, Ashkar, Tir Amon, Lunareth, Brackenmoor, Iskaldur, Qareth, "
    "Sundermere, Halvard, Vesperan, Emberfell, Zahariel, Wintermark, Korrigan Isle, Myrrathi"
)
STARS: Final = bank(
    "Kepler, Tau Ceti, Europa, Titan, Proxima, Vega, Callisto, Altair, Ganymede, Enceladus, Arcturus, "
    "Ceres, Lyra, Meridian Nine, Halcyon, New Carthage, Polaris, Triton, Aldebaran, Mars, Andromeda, "
    "Phobos, Rigel, Cassiopeia, Antares, Sirius, Low Orbit, the Kuiper Belt"
)
REGIONS: Final = bank(
    "Patagonia, Anatolia, Andalusia, the Hebrides, the Caucasus, Lapland, Mongolia, Kerala, the Atlas, "
    "Sicily, the Carpathians, Hokkaido, Bhutan, the Mekong, Namibia, the Pyrenees, Oman, Newfoundland, the "
    "Dolomites, Ethiopia, the Silk Road, the Baltic, Tasmania, the Yukon, Crete, the Danube, Corsica, the "
    "Andes, Svalbard, Laos, Brittany, Galicia, the Outer Banks, Rajasthan, the Faroes, Cappadocia"
)


class Shelf:
    """Title templates of one genre, and the words only they use.

    Parameters
    ----------
    templates : str
        Separated by ``|``; ``{name}`` stands for a word of the bank `name`.
    **banks : tuple of str
        Banks of this shelf; one that has a shared bank's name hides it.

    Raises
    ------
    ValueError
        If a template or a word is given twice.
    """

    def __init__(self, templates: str, **banks: tuple[str, ...]):
        self.templates = bank(templates, separator="|")
        self.banks = SHARED | banks


SHARED: Final[dict[str, tuple[str, ...]]] = {
    "woman": WOMEN,
    "man": MEN,
    "surname": SURNAMES,
    "place": PLACES,
    "village": VILLAGES,
    "manor": MANORS,
    "trade": TRADES,
    "kin": KIN,
    "bird": BIRDS,
    "beast": BEASTS,
    "plant": PLANTS,
    "colour": COLOURS,
    "season": SEASONS,
    "number": NUMBERS,
    "water": WATERS,
    "abstract": ABSTRACTS,
    "realm": REALMS,
    "star": STARS,
    "region": REGIONS,
}

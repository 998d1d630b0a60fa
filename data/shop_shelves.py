"""The shelves of the made-up shop: what each category sells, for how much, when, and how long it lasts.

Everything is written for this project. The first shelf shows the form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from data.words import bank


@dataclass(frozen=True)
class Shelf:
    """One category of a department.

    Attributes
    ----------
    kinds, materials, sizes, tags : tuple of str
        What a product is, what it is made of, how its size is printed, and what else may be said of it.
    price : float
        Of a product of middling level.
    weight : float
        Share of the catalogue, not normalised.
    lasts_days : int
        After how many days a buyer needs more of it; 0 for what is bought once.
    peak_day, swing : int, float
        Day of the year around which it is wanted most, and how much less half a year away, in [0, 1].
    """

    kinds: tuple[str, ...]
    materials: tuple[str, ...]
    sizes: tuple[str, ...]
    tags: tuple[str, ...]
    price: float
    weight: float = 5.0
    lasts_days: int = 0
    peak_day: int = 0
    swing: float = 0.0


def _shelf(kinds: str, materials: str, sizes: str, tags: str, price: float, **facts: float) -> Shelf:
    return Shelf(bank(kinds), bank(materials), bank(sizes), bank(tags), price, **facts)


_CM = "16 cm, 20 cm, 24 cm, 28 cm"
_SETS = "Set of 2, Set of 4, Set of 6, Single"
_LITRES = "0.5 l, 1 l, 2 l, 5 l"
_BED = "135 x 200, 140 x 200, 155 x 220, 200 x 200"

DEPARTMENTS: Final[dict[str, dict[str, Shelf]]] = {
    "Kitchen": {
        "Pots": _shelf(
            "Casserole, Saucepan, Stockpot, Frying Pan, Wok, Milk Pan, Roasting Tin, Steamer",
            "cast iron, enamel, copper, steel, aluminium", _CM,
            "induction, dishwasher-safe, oven-safe", 36, weight=8,
        ),
        "Knives": _shelf(
            "Chef's Knife, Bread Knife, Paring Knife, Cleaver, Whetstone, Knife Block, Kitchen Shears",
            "carbon steel, steel, ceramic, olive wood", "12 cm, 16 cm, 20 cm, 24 cm",
            "hand-wash, left-handed, gift box, forged", 32, weight=5,
        ),
        "Baking": _shelf(
            "Loaf Tin, Dough Bowl, Rolling Pin, Cake Ring, Proving Basket, Baking Sheet, Dough Scraper",
            "steel, silicone, beech, rattan, glass", "Small, Medium, Large, Extra Large",
            "oven-safe, dishwasher-safe, freezer-safe", 17, weight=7, peak_day=345, swing=0.45,
        ),
        "Coffee & Tea": _shelf(
            "Hand Grinder, Pour-over Dripper, Teapot, Kettle, Milk Jug, Stove-top Brewer, Tea Strainer",
            "steel, glass, porcelain, brass, walnut", "2 Cups, 4 Cups, 6 Cups, 10 Cups",
            "dishwasher-safe, induction, gift box, travel", 28, weight=7,
        ),
        "Food Storage": _shelf(
            "Preserving Jar, Lunch Box, Bread Bin, Storage Tub, Vacuum Lid, Spice Tin, Beeswax Wrap",
            "glass, steel, bamboo, tin, silicone", _LITRES,
            "leak-proof, freezer-safe, stackable, plastic-free", 14, weight=6,
        ),
    },
    "Table": {
        "Tableware": _shelf(
            "Dinner Plate, Soup Bowl, Mug, Breakfast Plate, Espresso Cup, Egg Cup, Muesli Bowl",
            "stoneware, porcelain, enamel, bamboo", _SETS,
            "dishwasher-safe, stackable", 21, weight=8,
        ),
        "Glasses": _shelf(
            "Wine Glass, Tumbler, Carafe, Water Glass, Champagne Flute, Tea Glass",
            "crystal, glass, recycled glass", _SETS,
            "dishwasher-safe, gift box, stackable", 19, peak_day=355, swing=0.3,
        ),
        "Cutlery": _shelf(
            "Fork, Dinner Spoon, Steak Knife, Cake Fork, Butter Knife, Travel Cutlery, Salad Servers",
            "steel, brass, olive wood, birch", _SETS,
            "dishwasher-safe, hand-wash, travel, gift box", 18, weight=4,
        ),
        "Table Linen": _shelf(
            "Tablecloth, Napkin, Table Runner, Tea Towel, Place Mat, Apron",
            "linen, cotton, felt, hemp", "Small, Medium, Large, Set of 4",
            "machine-washable, organic", 17, weight=4, peak_day=350, swing=0.35,
        ),
        "Serving": _shelf(
            "Serving Board, Salad Bowl, Cake Stand, Platter, Cheese Dome, Sauce Boat, Tray",
            "olive wood, slate, stoneware, glass, acacia", "Small, Medium, Large, Extra Large",
            "hand-wash, gift box, dishwasher-safe, outdoor", 27, weight=4,
        ),
    },
    "Cleaning": {
        "Detergents": _shelf(
            "Dish Soap, All-purpose Cleaner, Descaler, Glass Cleaner, Oven Paste, Dishwasher Tabs",
            "citrus, vinegar, soda, plant soap", "500 ml, 1 l, 2 l, Refill",
            "refill, fragrance-free, vegan", 6, weight=6, lasts_days=34,
        ),
        "Brushes": _shelf(
            "Dish Brush, Broom, Dustpan, Bottle Brush, Scrubbing Brush, Feather Duster",
            "beech, bristle, coconut fibre, steel", "Short, Medium, Long, Spare Head",
            "plastic-free, vegan", 9, weight=4, lasts_days=110,
        ),
        "Laundry": _shelf(
            "Washing Powder, Wool Wash, Stain Soap, Drying Rack, Clothes Pegs, Laundry Bag",
            "plant soap, soda, birch, cotton", "Small, Medium, Large, Refill",
            "fragrance-free, refill, vegan", 10, weight=5, lasts_days=48,
        ),
        "Cloths": _shelf(
            "Sponge Cloth, Floor Cloth, Dish Cloth, Polishing Cloth, Scouring Pad",
            "cotton, cellulose, hemp, microfibre", "Pack of 3, Pack of 5, Pack of 10, Single",
            "machine-washable, compostable, plastic-free", 7, weight=4, lasts_days=60,
        ),
        "Bins": _shelf(
            "Pedal Bin, Compost Caddy, Sorting Bin, Paper Bin, Bin Liners",
            "steel, bamboo, recycled plastic, zinc", "3 l, 8 l, 20 l, 40 l",
            "stackable, compostable, wall-mounted", 29, weight=3,
        ),
    },
    "Textiles": {
        "Bedding": _shelf(
            "Duvet Cover, Pillowcase, Fitted Sheet, Wool Blanket, Duvet, Bedspread",
            "linen, cotton, flannel, wool, satin", _BED,
            "organic, machine-washable", 52, weight=7, peak_day=310, swing=0.3,
        ),
        "Towels": _shelf(
            "Bath Towel, Hand Towel, Bathrobe, Sauna Towel, Face Cloth, Beach Towel",
            "cotton, linen, bamboo, terry", "30 x 50, 50 x 100, 70 x 140, 100 x 150",
            "organic, machine-washable", 20, weight=5,
        ),
        "Cushions": _shelf(
            "Cushion, Seat Pad, Bolster, Floor Cushion, Cushion Cover, Throw",
            "velvet, wool, linen, cotton, corduroy", "40 x 40, 50 x 50, 60 x 60, 30 x 60",
            "machine-washable", 25, weight=5, peak_day=320, swing=0.3,
        ),
        "Rugs": _shelf(
            "Rug, Runner, Bath Mat, Doormat, Sheepskin, Hallway Mat",
            "wool, jute, cotton, sisal", "50 x 80, 70 x 140, 120 x 180, 160 x 230",
            "hand-woven, machine-washable", 74, weight=4,
        ),
        "Curtains": _shelf(
            "Curtain, Net Curtain, Roller Blind, Curtain Rail, Blackout Curtain",
            "linen, cotton, velvet, bamboo", "120 cm, 140 cm, 160 cm, 200 cm",
            "machine-washable", 44, weight=3,
        ),
    },
    "Living": {
        "Lamps": _shelf(
            "Desk Lamp, Floor Lamp, Pendant, Clip Lamp, Night Light, Wall Light",
            "brass, steel, paper, glass, oak", "Small, Medium, Large, Extra Large",
            "dimmable, battery, wall-mounted", 58, weight=5, peak_day=330, swing=0.4,
        ),
        "Candles": _shelf(
            "Pillar Candle, Tea Lights, Scented Candle, Candle Holder, Taper Candles",
            "beeswax, soy wax, rapeseed wax, brass", "Pack of 2, Pack of 6, Pack of 12, Single",
            "fragrance-free, gift box, vegan", 12, weight=5, lasts_days=45, peak_day=345, swing=0.7,
        ),
        "Baskets": _shelf(
            "Basket, Storage Box, Underbed Box, Drawer Divider, Shelf Crate, Laundry Basket",
            "rattan, felt, jute, steel, seagrass", "Small, Medium, Large, Set of 3",
            "stackable, foldable, hand-woven", 22, weight=5,
        ),
        "Frames": _shelf(
            "Picture Frame, Gallery Rail, Poster Hanger, Wall Mirror, Passe-partout",
            "oak, walnut, brass, aluminium", "A5, A4, A3, 50 x 70",
            "wall-mounted, gift box, handmade", 24, weight=3,
        ),
        "Clocks": _shelf(
            "Wall Clock, Alarm Clock, Kitchen Timer, Mantel Clock, Travel Clock",
            "oak, steel, brass, enamel", "Small, Medium, Large, Mini",
            "battery, travel, gift box", 34, weight=3,
        ),
    },
    "Garden": {
        "Seeds": _shelf(
            "Tomato Seeds, Bean Seeds, Herb Mix, Flower Meadow, Salad Mix, Spring Bulbs, Pea Shoots",
            "organic seed, heirloom seed, seed tape, seed mix", "Sachet, Twin Pack, Balcony Pack, Field Pack",
            "organic, bee-friendly", 5, weight=7, lasts_days=75, peak_day=95, swing=0.85,
        ),
        "Planters": _shelf(
            "Planter, Window Box, Hanging Pot, Seed Tray, Raised Bed, Cachepot",
            "terracotta, zinc, larch, fibre clay", "14 cm, 24 cm, 40 cm, 60 cm",
            "frost-proof, outdoor", 26, weight=5, peak_day=120, swing=0.7,
        ),
        "Garden Tools": _shelf(
            "Hand Trowel, Secateurs, Weeding Fork, Spade, Rake, Dibber, Hoe",
            "carbon steel, ash, steel, copper", "Short, Medium, Long, Children's",
            "forged, left-handed, lifetime repair", 28, weight=5, peak_day=110, swing=0.65,
        ),
        "Watering": _shelf(
            "Watering Can, Garden Hose, Rain Butt, Sprinkler, Plant Mister, Drip Kit",
            "zinc, copper, recycled plastic, brass", "1 l, 5 l, 10 l, 20 m",
            "frost-proof, outdoor", 31, weight=4, peak_day=165, swing=0.75,
        ),
        "Bird Care": _shelf(
            "Bird Seed, Fat Balls, Nest Box, Bird Bath, Feeder, Peanut Cage",
            "larch, seed mix, zinc, terracotta", "1 kg, 2 kg, 5 kg, Single",
            "frost-proof, refill, wall-mounted", 13, weight=4, lasts_days=40, peak_day=15, swing=0.6,
        ),
    },
    "Outdoors": {
        "Tents": _shelf(
            "Trekking Tent, Family Tent, Tarp, Groundsheet, Tent Pegs, Sun Sail",
            "ripstop, cotton canvas, aluminium, polyester", "1 Person, 2 Persons, 4 Persons, 6 Persons",
            "waterproof, ultralight", 145, weight=4, peak_day=175, swing=0.8,
        ),
        "Sleeping Gear": _shelf(
            "Sleeping Bag, Sleeping Mat, Camp Pillow, Liner, Hammock",
            "down, recycled polyester, silk, foam", "Short, Medium, Long, Wide",
            "ultralight, machine-washable", 82, weight=4, peak_day=175, swing=0.7,
        ),
        "Camp Stoves": _shelf(
            "Gas Stove, Spirit Burner, Mess Tin, Camp Kettle, Wind Shield, Fire Bowl",
            "titanium, steel, aluminium, brass", "Solo, Duo, Family, Group",
            "ultralight, stackable, outdoor", 39, weight=4, peak_day=180, swing=0.7,
        ),
        "Bottles": _shelf(
            "Water Bottle, Vacuum Flask, Travel Mug, Folding Cup, Drinking Bladder",
            "steel, titanium, glass, recycled plastic", "0.35 l, 0.5 l, 0.75 l, 1 l",
            "leak-proof, insulated, dishwasher-safe, travel", 22, weight=5, peak_day=190, swing=0.3,
        ),
        "Backpacks": _shelf(
            "Day Pack, Trekking Pack, Hip Bag, Pannier, Dry Bag, Rain Cover",
            "ripstop, cotton canvas, recycled polyester, leather", "8 l, 18 l, 30 l, 55 l",
            "waterproof, ultralight, reflective, lifetime repair", 76, weight=5, peak_day=170, swing=0.4,
        ),
        "Lanterns": _shelf(
            "Head Torch, Camp Lantern, Storm Lamp, Bike Light, String Lights",
            "aluminium, brass, glass, recycled plastic", "Mini, Small, Medium, Large",
            "battery, waterproof, dimmable", 27, weight=4, peak_day=270, swing=0.3,
        ),
    },
    "Workshop": {
        "Hand Tools": _shelf(
            "Screwdriver, Claw Hammer, Hand Saw, Chisel, Pliers, Spirit Level, Block Plane",
            "steel, carbon steel, ash, beech", "Small, Medium, Large, Set of 4",
            "forged, lifetime repair, left-handed, insulated", 24, weight=5,
        ),
        "Fixings": _shelf(
            "Wood Screws, Wall Plugs, Picture Hooks, Nails, Brackets, Mounting Tape",
            "zinc, steel, brass, nylon", "Pack of 10, Pack of 25, Pack of 50, Pack of 100",
            "plastic-free, outdoor, wall-mounted", 7, weight=4, lasts_days=90,
        ),
        "Paint": _shelf(
            "Wall Paint, Wood Oil, Chalk Paint, Primer, Floor Wax, Paint Roller, Masking Tape",
            "linseed, chalk, acrylic, casein", "0.5 l, 1 l, 2.5 l, 5 l",
            "vegan, fragrance-free, outdoor", 19, weight=5, lasts_days=100, peak_day=130, swing=0.3,
        ),
        "Work Wear": _shelf(
            "Work Gloves, Dungarees, Knee Pads, Work Apron, Safety Glasses, Rain Jacket",
            "leather, cotton canvas, denim, nitrile", "S, M, L, XL",
            "machine-washable, waterproof, reflective", 33, weight=4,
        ),
        "Tool Storage": _shelf(
            "Tool Box, Tool Roll, Pegboard, Sorting Case, Sewing Box, Work Bench",
            "steel, cotton canvas, birch, leather", "Small, Medium, Large, 12 Drawers",
            "stackable, foldable, wall-mounted, handmade", 46, weight=3,
        ),
    },
}  # fmt: skip
"""Every category by department, in the order of the shop's menu."""

CATEGORIES: Final = tuple(
    f"{department} > {name}" for department, shelves in DEPARTMENTS.items() for name in shelves
)
SHELVES: Final = tuple(shelf for shelves in DEPARTMENTS.values() for shelf in shelves.values())
DEPARTMENT_OF: Final = tuple(
    number for number, shelves in enumerate(DEPARTMENTS.values()) for _ in range(len(shelves))
)

"""What people use the made-up shop's goods for: pursuits, which cross its departments.

Nobody sees a product's pursuit. A description may hint at one ("for a loaf a week"), and whoever bakes buys
the dough bowl, the bread knife and the bread bin, from three categories: that only shows in who bought what.
"""

from __future__ import annotations

from typing import Final

from data.words import bank

# pursuit: its categories (by the part after "Department > "), and phrases that end a description
PURSUITS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    name: (bank(categories), bank(phrases, "|"))
    for name, categories, phrases in (
        ("bread", "Baking, Food Storage, Knives, Table Linen",
         "for a loaf a week | for dough that rises overnight | for floury Sunday mornings"),
        ("coffee corner", "Coffee & Tea, Tableware, Clocks, Glasses",
         "for the first cup of the day | for a coffee corner of one's own | for slow brews"),
        ("stews", "Pots, Serving, Knives, Tableware",
         "for stews that simmer all afternoon | for roasts and gravies | for a full stove"),
        ("dinner guests", "Glasses, Cutlery, Table Linen, Serving, Candles",
         "for a table of eight | for long dinners with friends | for when guests stay late"),
        ("lunch to go", "Food Storage, Bottles, Backpacks, Cutlery",
         "for lunch at the desk | for the train to work | for packed lunches"),
        ("preserving", "Food Storage, Pots, Seeds, Cloths",
         "for jam and chutney | for a glut of plums | for the winter larder"),
        ("balcony", "Planters, Seeds, Watering, Lanterns",
         "for a balcony in flower | for herbs on the sill | for three sunny square metres"),
        ("vegetable patch", "Seeds, Garden Tools, Watering, Work Wear",
         "for heavy soil | for rows of beans | for the vegetable patch"),
        ("birds", "Bird Care, Planters, Frames, Garden Tools",
         "for robins and tits | for watching wings from the window | for hungry sparrows"),
        ("small flat", "Baskets, Food Storage, Bins, Lamps",
         "for a flat with few cupboards | for narrow corners | for rooms that do two jobs"),
        ("first home", "Pots, Bedding, Lamps, Cutlery, Towels",
         "for a first home | for starting out | for a shared kitchen"),
        ("big family wash", "Laundry, Towels, Baskets, Bedding",
         "for five loads a week | for a big family wash | for muddy knees"),
        ("spring clean", "Detergents, Cloths, Brushes, Baskets",
         "for the spring clean | for a floor that shines | for corners that hide dust"),
        ("gentle home", "Detergents, Laundry, Bedding, Brushes",
         "for sensitive skin | for homes with a cradle | for noses that itch"),
        ("hiking", "Backpacks, Bottles, Work Wear, Lanterns",
         "for long ridges | for two days on foot | for the hut above the tree line"),
        ("bike touring", "Tents, Camp Stoves, Backpacks, Work Wear",
         "for a week by bike | for wherever the road ends | for light luggage"),
        ("family camping", "Tents, Sleeping Gear, Lanterns, Tableware",
         "for a summer by the lake | for camping with children | for the meadow campsite"),
        ("winter evenings", "Candles, Cushions, Coffee & Tea, Bedding",
         "for dark evenings | for the sofa in December | for snow outside"),
        ("reading nook", "Lamps, Cushions, Rugs, Coffee & Tea",
         "for the last chapter | for the armchair by the window | for quiet afternoons"),
        ("renovation", "Paint, Fixings, Hand Tools, Bins",
         "for bare walls | for a weekend of renovation | for old plaster"),
        ("mending", "Hand Tools, Paint, Cloths, Tool Storage",
         "for chairs worth mending | for flea-market finds | for a second life"),
        ("moving house", "Fixings, Bins, Curtains, Baskets",
         "for moving day | for the first week in a new place | for empty rooms"),
        ("guest room", "Bedding, Towels, Curtains, Clocks",
         "for the guest room | for visitors from afar | for a bed that is made up fast"),
        ("picture wall", "Frames, Fixings, Paint, Lamps",
         "for a wall of pictures | for holiday prints | for the long hallway"),
        ("small children", "Tableware, Cutlery, Cloths, Bottles",
         "for small hands | for spilled porridge | for children who help"),
        ("barbecue", "Serving, Camp Stoves, Lanterns, Garden Tools",
         "for evenings by the fire | for smoke and sausages | for the garden party"),
        ("bathroom", "Towels, Rugs, Baskets, Brushes",
         "for a bathroom with a view of tiles | for bare feet | for a long soak"),
        ("sewing", "Curtains, Cushions, Tool Storage, Table Linen",
         "for people who sew | for a room hemmed by hand | for fabric by the metre"),
    )
}  # fmt: skip

"""The words of spoken codes: 256, so that two are 16 bits; of one spelling, heard apart on a bad line."""

from __future__ import annotations

__all__ = ["WORDS"]

_TEXT = """
acorn almond amber anchor apple apron arrow aspen attic autumn avocado badger bagel bamboo banana banjo barley
basil basket beacon beaver beetle berry birch biscuit blanket blossom bonnet bottle boulder bracelet branch
breeze bridge bronze brush bucket buffalo button cabin cactus camel camera candle canoe canyon carbon carpet
carrot castle cedar cello chalk cherry chimney cider cinema circle citrus clover cobalt coconut coffee comet
compass copper coral cotton cousin crater cricket crystal cushion daisy dancer delta desert diamond dolphin
domino donkey dragon drummer eagle easel echo eclipse elbow ember emerald engine falcon feather fennel ferry
fiddle finger flamingo flannel flower forest fossil fountain galaxy garden garlic gazelle ginger giraffe glacier
goblet granite grape guitar hammer hammock harbour harvest hazel helmet heron hickory hollow honey horizon
hummus iceberg igloo indigo island ivory jacket jaguar jasmine jersey jigsaw juniper kangaroo kayak kernel
kettle kitchen kitten ladder lagoon lantern laundry lavender lemon leopard lettuce library lilac lizard lobster
locket lumber magnet mango maple marble meadow melon mirror mitten monsoon morning mountain muffin mustard
napkin nectar nickel noodle nutmeg oasis ocean olive onion opal orange orchard otter oven oyster paddle palace
panda papaya parade parrot pasture peach peanut pebble pelican pencil pepper piano pigeon pillow pilot pirate
planet plum pocket pony poppy pottery prairie puffin pumpkin puzzle pyramid quarry quartz quiver rabbit raccoon
radish raisin ribbon river rocket saddle saffron salmon sandal satin scarf shadow shovel silver spider spinach
squirrel stable starfish sugar sunset tailor temple thunder tiger toast tomato trumpet tulip turtle valley
velvet violin walnut willow window winter
"""

WORDS: tuple[str, ...] = tuple(_TEXT.split())

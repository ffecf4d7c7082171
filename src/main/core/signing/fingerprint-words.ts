/**
 * 256 words, one per value of a byte, in the order of the values. No two differ by one letter only, so that a word misheard or
 * mistyped is noticed. The order is part of every fingerprint that was ever written down: it never changes.
 */
export const fingerprintWords: readonly string[] = `
acorn actor alarm album amber anchor angle apple apron arch arrow aunt autumn bacon badge baker bamboo
banana banjo barn basket beach bell bicycle bird biscuit blanket blossom board bolt bone bottle bread brick
bridge broom brush bucket bus butter button cabin cactus camel camera canal candle cannon canoe carpet
castle cellar chain chalk cherry chess chimney circus clock cloud coffee comet copper cotton cradle crane
crown cup curtain cushion daisy dance desert desk diamond dinner dolphin donkey door dragon drawer drum
eagle east echo egg elbow elephant engine falcon farm feather fence ferry fiddle fish flag flute forest fork
frog garden gate ghost giant ginger giraffe glass glove goat gold grape guitar hammer harbor harp hat hazel
helmet hill honey horse hotel ice igloo ink island ivory jacket jar jelly jewel jungle kettle king kite
kitten ladder lake lamp lantern lemon letter lion lizard magnet maple marble market mask meadow medal melon
meteor mirror moon moose mountain mud museum napkin needle nest nickel noodle north nurse oak ocean olive
onion orange orchid otter oven owl oyster palace panda paper parrot pencil pepper piano pigeon pillow pilot
pirate planet plum pond potato puppy puzzle pyramid queen quilt rabbit radio raft raven ribbon river robot
rocket roof rope saddle salt sand scarf school shark sheep shovel silver snail soap spoon square squirrel
stone sugar sun swan table tailor teapot tent thunder tiger tomato tower train trumpet tulip tunnel turtle
umbrella uncle valley vase velvet village violet violin wagon walnut water whale window winter wolf yacht
zebra zipper
`
  .trim()
  .split(/\s+/);

/** Memory that so many layers take on the device, as llama.cpp estimates it, with their context and working memory. */
export type NeedOnDevice = (layers: number) => Promise<number>;

/** Returns the most layers whose need fits into the free memory of the device; 0 where not even one does. More layers never need less. */
export async function layersThatFit(allLayers: number, freeBytes: number, needOf: NeedOnDevice): Promise<number> {
  // Most models fit whole.
  if ((await needOf(allLayers)) <= freeBytes) return allLayers;
  let fits = 0;
  let tooMany = allLayers;
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if ((await needOf(middle)) <= freeBytes) fits = middle;
    else tooMany = middle;
  }
  return fits;
}

import { blockBytes } from '../format/format.ts';

// A file's row in media.json, and each block's digest in it: hex digits and quotes, as base64.
const rowBytes = 700;
const blockRowBytes = 100;
/** Folders, envelopes, index, START-HERE.html, the bill of materials and the mark: each takes a cluster of its own. */
const fixedFiles = 17;
const fixedBytes = 48 * 1024;

/** Upper bound of the space that one more file takes on a medium, including its row in the medium's list. */
export function fileCost(sizeBytes: number, clusterBytes: number): number {
  return inClusters(sizeBytes, clusterBytes) + rowBytes + Math.ceil(sizeBytes / blockBytes) * blockRowBytes;
}

/** Upper bound of the space that a medium takes without any content. `headBytes` is the bound for the bundle's list. */
export function mediumCost(headBytes: number, clusterBytes: number): number {
  return fixedBytes + fixedFiles * clusterBytes + inClusters(2 * headBytes, clusterBytes);
}

function inClusters(sizeBytes: number, clusterBytes: number): number {
  return Math.ceil(sizeBytes / clusterBytes) * clusterBytes;
}

import { blockBytes } from './format.ts';

// A file's row in media.json, and each block's digest in it: hex digits and quotes, as base64.
const rowBytes = 700;
const blockRowBytes = 100;
/** Folders, envelopes, index, START-HERE.html and the mark: each takes a cluster of its own. */
const fixedFiles = 16;
const fixedBytes = 48 * 1024;

/** Space that one more file takes on a medium, its row in the medium's list included; an upper bound. */
export function fileCost(sizeBytes: number, clusterBytes: number): number {
  return inClusters(sizeBytes, clusterBytes) + rowBytes + Math.ceil(sizeBytes / blockBytes) * blockRowBytes;
}

/** Space that a medium takes before any content lies on it; `headBytes` bounds what the bundle's list says. An upper bound. */
export function mediumCost(headBytes: number, clusterBytes: number): number {
  return fixedBytes + fixedFiles * clusterBytes + inClusters(2 * headBytes, clusterBytes);
}

function inClusters(sizeBytes: number, clusterBytes: number): number {
  return Math.ceil(sizeBytes / clusterBytes) * clusterBytes;
}

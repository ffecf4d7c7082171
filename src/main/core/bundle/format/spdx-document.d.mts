/** A package of an SPDX document, with those in it. */
export interface SpdxPackage {
  SPDXID: string;
  name: string;
  contains?: SpdxPackage[];
  [member: string]: unknown;
}

export function spdxDocument(document: {
  name: string;
  /** Last part of the namespace, unique for this document. */
  namespace: string;
  /** To the second: `2026-11-29T22:00:00Z`. */
  created: string;
  creators: string[];
  root: SpdxPackage;
  /** Licences that SPDX has no id for. */
  licences?: { licenseId: string; extractedText: string; name: string }[];
  comment?: string;
}): string;

export function declared(licence?: string, downloadLocation?: string): Record<string, unknown>;

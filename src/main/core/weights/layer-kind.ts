/** How a layer mixes tokens: full attention, a window, a state of constant size, one matrix, or not at all. */
export type Mixer = 'full' | 'sliding' | 'state' | 'full-and-state' | 'linear' | 'none';

/** The parts of one layer. */
export interface LayerKind {
  mixer: Mixer;
  feedForward: 'dense' | 'experts' | 'linear' | 'none';
  /** Set if they differ between layers. */
  kvHeads?: number;
  inner?: number;
  /** Uses another layer's keys and values. */
  isShared?: boolean;
}

/** The layers of a model, or the parts of its configuration that are not understood. */
export type Layers = { layers: LayerKind[] } | { unread: string[] };

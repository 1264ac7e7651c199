import pc from 'picocolors';

export type Style = ReturnType<typeof pc.createColors>;

/** Colours, decided once for each stream and handed to whoever writes. */
export function createStyle(colour: boolean): Style {
  return pc.createColors(colour);
}

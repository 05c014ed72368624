// Labelled random streams, split from one seed: one more draw for one purpose moves nothing elsewhere.

/** A stream of numbers in [0, 1). */
export type RandomStream = () => number;

/** Streams by label; the same label gives the same stream object, so draws continue where they were. */
export function randomStreams(seed: number): (label: string) => RandomStream {
  const streams = new Map<string, RandomStream>();
  return (label) => {
    let stream = streams.get(label);
    if (stream === undefined) {
      stream = sfc32(seed, label);
      streams.set(label, stream);
    }
    return stream;
  };
}

/** Chris Doty-Humphrey's Small Fast Counter generator, 32 bit, seeded from the number and the label. */
function sfc32(seed: number, label: string): RandomStream {
  let a = seed | 0;
  let b = Math.floor(seed / 4_294_967_296) | 0;
  let c = 0x9e3779b9 | 0;
  for (let i = 0; i < label.length; i++) c = Math.imul(c ^ label.charCodeAt(i), 0x01000193);
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

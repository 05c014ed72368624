// Copies of plain data, for what crosses a boundary: a program that changes what it sent or was given must not reach into
// what lies on the other side, nor into the history.

/** A copy of what JSON can say, as deep as it goes; members that are undefined stay so. */
export function plainCopy<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => plainCopy(element)) as Value;
  // Copied in one go and then gone through: adding one member after the other takes several times as long.
  const copy: Record<string, unknown> = { ...(value as Readonly<Record<string, unknown>>) };
  for (const name in copy) {
    const member = copy[name];
    if (typeof member === 'object' && member !== null) copy[name] = plainCopy(member);
  }
  return copy as Value;
}

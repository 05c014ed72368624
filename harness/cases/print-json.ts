// JSON as a person would lay it out: what fits stands on one line, so that a fault or a retry reads as one thing.

const width = 110;

/** Prints plain JSON with a newline at the end. Equal values with members in equal order give equal texts. */
export function printJson(value: unknown): string {
  return `${printed(value, '', 0)}\n`;
}

/** `room` is how many characters are left on the line; with 0 the value is broken over several. */
function printed(value: unknown, indent: string, room: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const flat = oneLine(value);
  if (flat.length <= room) return flat;
  const deeper = `${indent}  `;
  const roomDeeper = width - deeper.length - ','.length;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    const items = value.map((item) => deeper + printed(item, deeper, roomDeeper));
    return `[\n${items.join(',\n')}\n${indent}]`;
  }
  const members = Object.entries(value).map(([name, member]) => {
    const label = `${JSON.stringify(name)}: `;
    return deeper + label + printed(member, deeper, isList(member) ? 0 : roomDeeper - label.length);
  });
  return members.length === 0 ? '{}' : `{\n${members.join(',\n')}\n${indent}}`;
}

/** Several objects of several members are listed one a line, even where they would fit side by side. */
function isList(value: unknown): boolean {
  if (!Array.isArray(value) || value.length < 2) return false;
  return value.every((item) => typeof item === 'object' && item !== null && Object.keys(item).length > 1);
}

function oneLine(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}: ${oneLine(member)}`,
  );
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

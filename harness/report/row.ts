// One line of a story before it is drawn: what runs between client and service, between service and gateway, and
// what the gateway then has in its books.

/** A message between two lanes. */
export interface Arrow {
  readonly way: 'there' | 'back';
  /** `arrives`: it reached the other side. `leaves`: told now, arrives on a later line. `lost`: never arrives. */
  readonly end: 'arrives' | 'leaves' | 'lost';
  readonly label: string;
  /** The fault that struck it, in words. */
  readonly fault?: string | undefined;
  /** It was sent on an earlier line. */
  readonly continued?: boolean;
}

/** Something that a process did on its own or with its store. */
export interface Note {
  readonly text: string;
  /** Whether a fault or a misfortune is told. */
  readonly bad: boolean;
  /** How often in a row, when more than once: polling. */
  readonly times?: number;
}

/** See the file comment. */
export interface Row {
  readonly atMs: number;
  /** Whose doing it is; rows of one actor may share a line. */
  readonly actor: string | undefined;
  readonly client?: Arrow;
  readonly service?: Arrow | Note;
  /** What the gateway did, empty when nothing. */
  readonly gateway: string;
  /** Whether the gateway booked a charge here. */
  readonly booked: boolean;
  /** Crossings told on this line, and the stage of each. */
  readonly stages: readonly string[];
  /** Rows that carry evidence, faults or bookings stay when a long story is folded. */
  readonly weighty: boolean;
}

/** Whether the service lane holds a message rather than a note. */
export function isArrow(part: Arrow | Note | undefined): part is Arrow {
  return part !== undefined && 'way' in part;
}

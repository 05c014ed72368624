// When a reply is complete: only then has the server surely done what it was asked. Redis runs a whole command, or a whole
// script, before it writes a byte. Postgres may send rows before it commits, and breaks off when nobody takes them.

/** What is spoken over a connection. */
export type Protocol = 'redis' | 'postgres';

/** Follows the bytes of one reply; each call says whether it is complete with this chunk. */
export type ReplyEnd = (chunk: Buffer) => boolean;

/** A follower of the next reply. */
export function replyEnd(protocol: Protocol): ReplyEnd {
  return protocol === 'redis' ? () => true : readyForQuery();
}

const headerBytes = 5;
const readyForQueryTag = 'Z'.charCodeAt(0);

/**
 * Looks for ReadyForQuery, which ends every reply to a query; see "Message Formats" of the Postgres documentation: one
 * byte of type, then the length of the rest, which counts itself.
 */
function readyForQuery(): ReplyEnd {
  let rest: Buffer = Buffer.alloc(0);
  let skip = 0;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const skipped = Math.min(skip, rest.length);
      rest = rest.subarray(skipped);
      skip -= skipped;
      if (skip > 0 || rest.length < headerBytes) return false;
      if (rest[0] === readyForQueryTag) return true;
      skip = 1 + rest.readUInt32BE(1);
    }
  };
}

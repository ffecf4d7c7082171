import { Transform } from 'node:stream';

/**
 * Passes on at most this many bytes, then fails. It counts what gunzip makes and not what the files of an archive hold: an entry's name,
 * and the number of entries, have no limit of their own.
 */
export function atMost(limitBytes: number): Transform {
  let seenBytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seenBytes += chunk.length;
      if (seenBytes > limitBytes) done(new Error('its content is too large'));
      else done(null, chunk);
    },
  });
}

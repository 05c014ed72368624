// The version is written down once, in package.json.

import manifest from '../../package.json' with { type: 'json' };

/** Version of this paystorm, as in `found.tool` of saved cases. */
export const version: string = manifest.version;

import manifest from '../../package.json' with { type: 'json' }

/** Stored with every result. */
export const SOFTWARE_VERSION = manifest.version

import { setPriority } from 'node:os'
import { serveHost } from '../../serve.ts'
import { createReviewEngine } from './engine.ts'

/** Between an answer at the reading desk and a training run. */
const PRIORITY = 15

try {
	setPriority(PRIORITY)
} catch {
	// Some systems do not allow it; everything works without.
}

// A terminal's Ctrl-C is told to the whole group; this process ends with the program.
process.on('SIGINT', () => {})

serveHost('review', createReviewEngine())

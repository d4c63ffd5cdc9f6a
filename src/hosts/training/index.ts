import { constants, setPriority } from 'node:os'
import { serveHost } from '../serve.ts'
import { createTrainingEngine } from './engine.ts'

// A run takes hours: everything else on the machine goes first. Threads made from here on inherit it.
try {
	setPriority(constants.priority.PRIORITY_LOW)
} catch {
	// Some systems do not allow it; everything works without.
}

// A terminal's Ctrl-C is told to the whole group; the command line asks for a pause then, and this process must live to save it.
process.on('SIGINT', () => {})

serveHost('training', createTrainingEngine())

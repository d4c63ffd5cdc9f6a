import { constants, setPriority } from 'node:os'
import { serveHost } from '../serve.ts'
import { createInferenceEngine } from './engine.ts'

// A map keeps every core busy for seconds: the window and the main program go first. Threads made from here on inherit it.
try {
	setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
} catch {
	// Some systems do not allow it; everything works without.
}

serveHost('inference', createInferenceEngine())

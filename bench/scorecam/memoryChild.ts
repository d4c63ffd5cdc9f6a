/** One exact map in a process of its own, for memory.ts: the file named on the command line holds a pack and a Frame file; prints the most memory that it had. */
import { readFileSync } from 'node:fs'
import { createInferenceEngine } from '../../src/hosts/inference/engine.ts'
import type { Pack } from './students.ts'

const { directory, manifest, framePath } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Pack & { framePath: string }
const most = () => process.resourceUsage().maxRSS / 1024
const engine = createInferenceEngine()
const quiet = { progress: () => {}, signal: new AbortController().signal }
await engine.load({ directory, manifest }, quiet)
await engine.predict({ modelSha256: manifest.sha256, framePath, decodeMilliseconds: 0 }, quiet)
const before = most()
const { passes, seconds } = await engine.explain({ modelSha256: manifest.sha256, framePath, layer: null, mode: 'paper' }, quiet)
process.stdout.write(JSON.stringify({ before, after: most(), passes, seconds }))

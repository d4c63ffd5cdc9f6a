import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CamMode, CamState } from '../../../src/common/contract/analysis.ts'
import type { Faithfulness } from '../../../src/common/contract/explanation.ts'
import type { HostInput } from '../../../src/common/contract/hosts.ts'
import type { ReadyModel } from '../../../src/common/contract/model.ts'
import type { EventPayload } from '../../../src/common/contract/procedures.ts'
import { createExplanations, type Explanations } from '../../../src/main/answers/explanations.ts'
import { createEventHub } from '../../../src/main/eventHub.ts'
import { saveAnalysis, saveCam, storedCams } from '../../../src/main/library/analyses.ts'
import { storedFaithfulness } from '../../../src/main/library/faithfulness.ts'
import { openLibrary, type Library } from '../../../src/main/library/library.ts'
import { getInstance } from '../../../src/main/library/studies.ts'
import { HostDiedError } from '../../../src/main/supervisor/hostDiedError.ts'
import { faithfulnessOf } from '../../support/faithfulness.ts'
import { packDirectory, packManifest } from '../../support/inferenceFixtures.ts'
import { addSynthetic, predictionOf, temporaryFolder } from '../library/synthetic.ts'

type Asked = HostInput<'inference', 'faithfulness'>

const MODEL: ReadyModel = { state: 'ready', directory: packDirectory, origin: 'built-in', manifest: packManifest, selected: true, selfTestDifference: 0, card: '' }

let folder: ReturnType<typeof temporaryFolder>
let library: Library
let explanations: Explanations
let analysisId: number
let installed: ReadyModel | null
/** What the inference host was asked, and what it does. */
let asked: Asked[]
let measure: (request: Asked) => Promise<Faithfulness>
let explain: () => CamState
let told: EventPayload<'explanation.changed'>[]

beforeEach(async () => {
	folder = temporaryFolder()
	library = openLibrary(folder.path)
	installed = MODEL
	asked = []
	told = []
	measure = async ({ layer, mode, label }) => faithfulnessOf({ layer, mode, label })
	explanations = open()
	analysisId = await analyse()
})
afterEach(() => {
	library.close()
	folder.remove()
})

function open(): Explanations {
	const events = createEventHub()
	events.subscribe((_, payload) => void told.push(payload as never))
	return createExplanations({
		library,
		events,
		frames: { frame: async ({ sha256 }) => ({ path: `/frames/${sha256}`, decodeMilliseconds: 0 }) },
		loader: { ready: async () => {}, selfTestDifference: () => 0, fault: () => '', keepBatchSize: async () => {}, forget: () => {} },
		modelBySha256: (sha256) => (installed?.manifest.sha256 === sha256 ? installed : null),
		hosts: {
			status: () => [],
			call: (async (_host: string, method: string, input: Asked) => {
				if (method === 'explain') return explain()
				asked.push(input)
				return measure(input)
			}) as never,
		},
	})
}

async function analyse(ok = true): Promise<number> {
	const { instanceId } = await addSynthetic(library, { salt: String(ok) })
	const { id, version, sha256 } = packManifest
	const prediction = predictionOf(getInstance(library, instanceId).sha256, ok ? [{ probability: 0.8, positive: true }] : [], {
		model: { id, version, sha256 }, gate: { ok, reasons: ok ? [] : ['The image is one constant value.'], checks: [] },
	})
	return saveAnalysis(library, { instanceId, frameIndex: 0, role: 'student', softwareVersion: '0.1.0', modelTitle: 'Toy', prediction }).id
}

function mapOf(change: Partial<CamState> = {}): CamState {
	return {
		layer: 'final_expand', mode: 'paper', height: 1, width: 2, channels: 8, passes: 8, channelsDone: 8, exact: true, errorBound: 0,
		maps: { covid19: [0.1, 1], pneumonia: [1, 0.7] }, peaks: { covid19: 0.5, pneumonia: 1 }, seconds: 1, ...change,
	}
}

const ask = (change: Partial<{ label: string; layer: string | null; mode: CamMode; analysisId: number }> = {}) => explanations.faithfulness({ analysisId, label: 'covid19', layer: null, mode: 'paper', ...change })

/** Five questions, four of them different. */
const askAll = () => Promise.all([ask(), ask({ layer: 'final_expand' }), ask({ label: 'pneumonia' }), ask({ mode: 'official' }), ask({ layer: 'last_block' })])
const described = (measured: Pick<Faithfulness, 'label' | 'mode' | 'layer'>[]) => measured.map(({ label, mode, layer }) => `${label} ${mode} ${layer}`)

describe('the faithfulness of a map', () => {
	it('is measured on the map as it is kept, and never twice', async () => {
		saveCam(library, analysisId, mapOf())
		saveCam(library, analysisId, mapOf({ mode: 'torchcam', maps: { covid19: [1, 0], pneumonia: [0, 1] } }))
		const measured = await ask()
		expect(measured).toMatchObject({ layer: 'final_expand', mode: 'paper', label: 'covid19', verdict: 'better' })
		expect(asked).toMatchObject([{ modelSha256: packManifest.sha256, layer: 'final_expand', mode: 'paper', label: 'covid19', map: { height: 1, width: 2, values: [Math.fround(0.1), 1] } }])
		expect(asked[0]?.framePath).toMatch(/^\/frames\/[0-9a-f]{64}$/)
		measure = () => Promise.reject(new Error('asked again'))
		expect(await ask({ layer: 'final_expand' })).toEqual(measured)
		library.close()
		library = openLibrary(folder.path)
		explanations = open()
		expect(await ask()).toEqual(measured)
		expect(asked).toHaveLength(1)
	})

	it('is one measurement for all who ask for it, and another one for another label, layer or definition', async () => {
		saveCam(library, analysisId, mapOf())
		saveCam(library, analysisId, mapOf({ layer: 'last_block' }))
		saveCam(library, analysisId, mapOf({ mode: 'official', maps: { covid19: [1, 0] } }))
		const gate = Promise.withResolvers<void>()
		measure = async ({ layer, mode, label }) => {
			await gate.promise
			return faithfulnessOf({ layer, mode, label })
		}
		const wanted = ['covid19 paper final_expand', 'covid19 paper final_expand', 'pneumonia paper final_expand', 'covid19 official final_expand', 'covid19 paper last_block']
		const answers = askAll()
		await expect.poll(() => asked.length).toBe(4)
		gate.resolve()
		expect(described(await answers)).toEqual(wanted)
		expect(described(asked)).toEqual([...new Set(wanted)])
		expect(described(await askAll())).toEqual(wanted)
		expect(asked).toHaveLength(4)
		expect(storedFaithfulness(library, analysisId)).toHaveLength(4)
	})

	it('is refused in words where there is nothing to measure, and nobody is asked', async () => {
		await expect(ask()).rejects.toThrow('The map of covid19 at layer final_expand is not finished.')
		saveCam(library, analysisId, mapOf({ layer: 'last_block', mode: 'official' }))
		await expect(ask({ layer: 'last_block' })).rejects.toThrow('is not finished')
		await expect(ask({ label: 'hernia' })).rejects.toThrow(`The model ${packManifest.id} has no label hernia.`)
		await expect(ask({ layer: 'stem' })).rejects.toThrow('has no layer stem')
		await expect(ask({ analysisId: await analyse(false) })).rejects.toThrow('refused by the input gate')
		await expect(ask({ analysisId: 999 })).rejects.toThrow('not in the library')
		saveCam(library, analysisId, mapOf())
		// The kept map knows two labels, the model three.
		await expect(ask({ label: 'normal' })).rejects.toThrow('The map of normal at layer final_expand is not finished.')
		installed = null
		await expect(ask()).rejects.toThrow('is no longer installed')
		expect(asked).toEqual([])
	})

	it.each([
		['died', () => Promise.reject(new HostDiedError('The inference process stopped (signal SIGKILL) while it worked on film.dcm.')), /stopped \(signal SIGKILL\)/],
		['answered for another label', async () => faithfulnessOf({ layer: 'final_expand', label: 'pneumonia' }), /of another map/],
		['answered for another definition', async () => faithfulnessOf({ layer: 'final_expand', mode: 'torchcam' }), /of another map/],
		['answered nonsense', async () => faithfulnessOf({ layer: 'final_expand', chance: 2 }), /chance/],
	])('is rejected and not kept where the host %s; the next who asks gets it', async (_, answer: () => Promise<Faithfulness>, reason) => {
		saveCam(library, analysisId, mapOf())
		const honest = measure
		measure = answer
		const [one, other] = [ask(), ask()]
		await expect(one).rejects.toThrow(reason)
		await expect(other).rejects.toThrow(reason)
		expect(asked).toHaveLength(1)
		expect(storedFaithfulness(library, analysisId)).toEqual([])
		measure = honest
		expect((await ask()).label).toBe('covid19')
		expect(storedFaithfulness(library, analysisId)).toHaveLength(1)
	})

	it('is not kept where the map was made anew meanwhile', async () => {
		saveCam(library, analysisId, mapOf())
		measure = async ({ layer, mode, label }) => {
			saveCam(library, analysisId, mapOf({ maps: { covid19: [1, 0], pneumonia: [1, 0] } }))
			return faithfulnessOf({ layer, mode, label })
		}
		await expect(ask()).rejects.toThrow('The map of covid19 was made anew while its faithfulness was measured. Ask for it again.')
		expect(storedFaithfulness(library, analysisId)).toEqual([])
	})
})

it.each([
	['a preview', { preview: 'recipro-cam' as const }, 'before every channel was in'],
	['a part', { exact: false, errorBound: 0.1 }, 'before every channel was in'],
	['another definition', { mode: 'torchcam' as const }, 'another map than the one that was asked for'],
	['another layer', { layer: 'last_block' }, 'another map than the one that was asked for'],
])('a job that ends with %s fails, and nothing is kept of it', async (_, change, reason) => {
	explain = () => mapOf(change)
	explanations.start({ analysisId, layer: null, mode: 'paper' })
	await expect.poll(() => told.at(-1)?.phase).toBe('failed')
	expect(told.at(-1)?.reason).toContain(reason)
	expect(storedCams(library, analysisId)).toEqual([])
})

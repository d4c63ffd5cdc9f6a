import { createHash } from 'node:crypto'
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RecipeInput } from '../../../../src/common/contract/training/recipe.ts'
import { metricEventSchema, type RunProgress, type RunSummary } from '../../../../src/common/contract/training/run.ts'
import { createGate } from '../../../../src/hosts/training/gate.ts'
import { hashWeights, readBest, readLatest } from '../../../../src/hosts/training/runs/checkpoint.ts'
import { listRuns, readRecord } from '../../../../src/hosts/training/runs/folder.ts'
import { lockRun } from '../../../../src/hosts/training/runs/lock.ts'
import { preflightRun, resumeRun, startRun, type RunControl } from '../../../../src/hosts/training/runs/run.ts'
import { foldNormalisation } from '../../../support/foldNormalisation.ts'
import { modelOfNetwork } from '../../../../src/onnx/fromModel.ts'
import { makeModel, readModel, writeModel } from '../../../../src/onnx/model.ts'
import { OPERATOR_SET } from '../../../../src/onnx/network.ts'
import { initialWeights } from '../../../../src/zoo/initialise.ts'
import { fillDisk, mountSmall } from '../../../support/smallDisk.ts'
import { runControl, smallNetwork, smallRecipe, writeSmallData, writeSmallNetwork } from '../../../support/smallRun.ts'

let folder: string
let parts: { data: string; student: string }
let count = 0
/** Two epochs that nothing disturbed. */
let whole: RunSummary

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'negatoscope-runs-'))
	parts = await writeSmallData(folder)
	whole = await start(changed({ epochs: 2 }), newRuns())
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** One epoch, and nothing that takes long. */
const short: Partial<RecipeInput> = { epochs: 1 }
const newRuns = () => join(folder, `runs${++count}`)

function control(progress: (value: RunProgress, pause: AbortController, cancel: AbortController) => void = () => {}): RunControl {
	const pause = new AbortController()
	const cancel = new AbortController()
	return runControl({ progress: (value) => progress(value, pause, cancel), pause: pause.signal, cancel: cancel.signal })
}

const places = (runs: string) => ({ runs, cache: join(dirname(runs), 'cache'), models: [], lungs: { fault: 'No lung network is installed.' }, softwareVersion: '0.0.0' })

function start(recipe: unknown, runs: string, own = control()): Promise<RunSummary> {
	return startRun({ recipe, title: 'recipe.json', base: folder }, places(runs), own)
}

const changed = (changes: Partial<RecipeInput>) => smallRecipe(parts, changes)
const bestWeights = ({ directory, record }: RunSummary) => hashWeights(readBest(join(directory, 'checkpoints'), record.best?.step ?? -1))
const operators = (directory: string) => readModel(readFileSync(join(directory, 'pack', 'model.onnx'))).graph.node.map(({ opType }) => opType)
const isStep = (value: RunProgress, step: number) => value.kind === 'metric' && value.metric.event === 'step' && value.metric.step === step

async function refused(recipe: unknown, message: RegExp): Promise<void> {
	const runs = newRuns()
	await expect(start(recipe, runs)).rejects.toThrow(message)
	expect(existsSync(runs) ? readdirSync(runs) : []).toEqual([])
}

/** A copy of the data with another manifest. */
function dataWith(change: (lines: string[]) => string[]): string {
	const own = join(folder, `data${++count}`)
	cpSync(parts.data, own, { recursive: true })
	writeFileSync(join(own, 'broken.png'), 'not a picture')
	const lines = readFileSync(join(parts.data, 'manifest.csv'), 'utf8').trimEnd().split('\n')
	writeFileSync(join(own, 'manifest.csv'), `${change(lines).join('\n')}\n`)
	return own
}

describe('a run', () => {
	it('leaves recipe, environment, metrics, checkpoints and a pack, and the same recipe gives the same weights again', async () => {
		const first = await start(changed({ epochs: 2 }), newRuns())
		expect(first.record).toMatchObject({ state: 'finished', step: 12, steps: 12, epoch: 2, epochs: 2, reason: '' })
		expect(first.record.weightsSha256).toBe(whole.record.weightsSha256)
		expect(bestWeights(first)).toBe(first.record.weightsSha256)
		expect(first.id).toBe('small-1')
		expect(readdirSync(first.directory).toSorted()).toEqual(['checkpoints', 'environment.json', 'images.json', 'log.jsonl', 'metrics.jsonl', 'pack', 'predictions.csv', 'recipe.json', 'state.json'])
		const lines = readFileSync(join(first.directory, 'metrics.jsonl'), 'utf8').trimEnd().split('\n').map((line) => metricEventSchema.parse(JSON.parse(line)))
		expect(lines.map(({ event }) => event).join(' ')).toBe(`${'step '.repeat(6)}validation ${'step '.repeat(6)}validation`)
		const manifest = JSON.parse(readFileSync(join(first.directory, 'pack', 'model.json'), 'utf8')) as { id: string; sha256: string; trainingRun: { seed: number; recipeSha256: string } }
		expect(manifest).toMatchObject({ id: 'small', trainingRun: { seed: 7 } })
		expect(manifest.trainingRun.recipeSha256).toBe(createHash('sha256').update(readFileSync(join(first.directory, 'recipe.json'))).digest('hex'))
		expect(listRuns(join(first.directory, '..')).runs.map(({ id }) => id)).toEqual(['small-1'])
	})

	it('is paused between two steps and goes on to the same weights; cancelled likewise', async () => {
		const runs = newRuns()
		const paused = await start(changed({ epochs: 2 }), runs, control((value, pause) => {
			if (isStep(value, 3)) pause.abort()
		}))
		expect(paused.record).toMatchObject({ state: 'paused', step: 3 })
		expect(paused.pack).toBeNull()
		const cancelled = await resumeRun('small-1', places(runs), control((value, _pause, cancel) => {
			if (isStep(value, 8)) cancel.abort()
		}))
		expect(cancelled.record).toMatchObject({ state: 'cancelled', step: 8 })
		const ended = await resumeRun('small-1', places(runs), control())
		expect(ended.record.weightsSha256).toBe(whole.record.weightsSha256)
		expect(readFileSync(join(ended.directory, 'metrics.jsonl'))).toEqual(readFileSync(join(whole.directory, 'metrics.jsonl')))
		await expect(resumeRun('small-1', places(runs), control())).rejects.toThrow(/is finished/)
	})

	it('that is left because the program ends is interrupted, has lost no step, and goes on to the same weights', async () => {
		const runs = newRuns()
		const leave = new AbortController()
		const left = await start(changed({ epochs: 2 }), runs, runControl({ leave: leave.signal, progress: (value) => void (isStep(value, 3) && leave.abort()) }))
		expect(left.record).toMatchObject({ state: 'interrupted', step: 3 })
		// While the images are read again.
		const again = new AbortController()
		const leftAgain = await resumeRun('small-1', places(runs), runControl({ leave: again.signal, progress: (value) => void (value.kind === 'phase' && again.abort()) }))
		expect(leftAgain.record).toMatchObject({ state: 'interrupted', step: 3 })
		const pause = new AbortController()
		const paused = await resumeRun('small-1', places(runs), runControl({ pause: pause.signal, progress: (value) => void (value.kind === 'phase' && pause.abort()) }))
		expect(paused.record).toMatchObject({ state: 'paused', step: 3 })
		expect((await resumeRun('small-1', places(runs), control())).record.weightsSha256).toBe(whole.record.weightsSha256)
	})

	it('takes no step while it has to wait, and can be ended then', async () => {
		const gate = createGate()
		const pause = new AbortController()
		const steps: number[] = []
		const held = Promise.withResolvers<void>()
		const running = start(changed({ epochs: 2 }), newRuns(), runControl({
			pause: pause.signal, turn: () => gate.pass(pause.signal),
			progress(value) {
				if (value.kind !== 'metric') return
				steps.push(value.metric.step)
				if (!isStep(value, 2)) return
				gate.hold(60_000)
				held.resolve()
			},
		}))
		await held.promise
		await delay(500)
		expect(steps).toEqual([1, 2])
		pause.abort()
		expect((await running).record).toMatchObject({ state: 'paused', step: 2 })
	})

	it('keeps the last two checkpoints and passes over a damaged one', async () => {
		const runs = newRuns()
		await start(changed({ epochs: 2 }), runs, control((value, pause) => {
			if (isStep(value, 9)) pause.abort()
		}))
		const checkpoints = join(runs, 'small-1', 'checkpoints')
		const names = readdirSync(checkpoints).filter((name) => name.startsWith('step-'))
		expect(names).toEqual(['step-0000000008.safetensors', 'step-0000000009.safetensors'])
		const bytes = readFileSync(join(checkpoints, names[1] ?? ''))
		bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1
		writeFileSync(join(checkpoints, names[1] ?? ''), bytes)
		// What a killed process wrote after its last checkpoint, half a line among it.
		appendFileSync(join(runs, 'small-1', 'metrics.jsonl'), '{"event":"step",'.repeat(1000))
		const notes: string[] = []
		const ended = await resumeRun('small-1', places(runs), control((value) => void (value.kind === 'note' && notes.push(value.text))))
		expect(notes).toEqual([expect.stringMatching(/step-0000000009.safetensors is damaged. The one before it is taken./)])
		expect(ended.record.weightsSha256).toBe(whole.record.weightsSha256)
		expect(readFileSync(join(ended.directory, 'metrics.jsonl'))).toEqual(readFileSync(join(whole.directory, 'metrics.jsonl')))
	})

	it('paused while its pack is made has no pack, and is finished when it is resumed', async () => {
		const runs = newRuns()
		const paused = await start(changed(short), runs, control((value, pause) => {
			if (value.kind === 'phase' && value.phase === 'validation images') pause.abort()
		}))
		expect([paused.record.state, paused.record.step, paused.pack]).toEqual(['paused', 6, null])
		expect(readdirSync(paused.directory)).not.toContain('pack')
		expect((await resumeRun('small-1', places(runs), control())).record.state).toBe('finished')
	})

	it('leaves nothing where it is stopped before it begins', async () => {
		const runs = newRuns()
		await expect(start(changed(short), runs, control((value, pause) => {
			if (value.kind === 'preflight') pause.abort()
		}))).rejects.toMatchObject({ name: 'AbortError' })
		expect(existsSync(runs)).toBe(false)
	})

	it('is worked on by one process', async () => {
		const runs = newRuns()
		await start(changed({ epochs: 2 }), runs, control((value, pause) => {
			if (isStep(value, 1)) pause.abort()
		}))
		const unlock = lockRun(join(runs, 'small-1'), 'small-1')
		await expect(resumeRun('small-1', places(runs), control())).rejects.toThrow('The run small-1 is being worked on by another process.')
		unlock()
		// A process of this number that started at another time is another one.
		writeFileSync(join(runs, 'small-1', 'lock'), `${process.pid} 1`)
		expect(readRecord(join(runs, 'small-1')).state).toBe('paused')
		lockRun(join(runs, 'small-1'), 'small-1')()
	})

	it.each<[string, Partial<RecipeInput>]>([
		['with sizes that grow', { resizing: [{ fromEpoch: 0, size: 16 }, { fromEpoch: 1, size: 32 }] }],
		['with frozen normalisation and frozen layers', { normalisation: 'frozen', optimisation: { optimiser: { kind: 'sgd', learningRate: 0.01 }, freeze: ['conv1*', 'norm1*'] } }],
		['of the head alone', { headOnly: true, augmentation: { preset: 'none' } }],
	])('%s is resumed to the same bits', async (_name, changes) => {
		const recipe = changed({ epochs: 2, ...changes })
		const undisturbed = await start(recipe, newRuns())
		const runs = newRuns()
		await start(recipe, runs, control((value, pause) => {
			if (value.kind === 'metric' && value.metric.step === 5) pause.abort()
		}))
		expect((await resumeRun('small-1', places(runs), control())).record.weightsSha256).toBe(undisturbed.record.weightsSha256)
		if (changes.resizing) {
			const sizes = readFileSync(join(undisturbed.directory, 'metrics.jsonl'), 'utf8').trimEnd().split('\n').map((line) => metricEventSchema.parse(JSON.parse(line)).size)
			expect([...new Set(sizes)]).toEqual([16, 32])
		}
		if (changes.headOnly || changes.normalisation) {
			const { checkpoint } = readLatest(join(undisturbed.directory, 'checkpoints'))
			const first = readLatest(join(runs, 'small-1', 'checkpoints')).checkpoint.groups.get('weights')
			expect(checkpoint.groups.get('weights')?.get('conv1.weight')).toEqual(first?.get('conv1.weight'))
		}
	})

	it('gives a student of folded normalisations those of its training images back', async () => {
		const folded = join(folder, 'folded.onnx')
		const network = smallNetwork()
		const { graph } = modelOfNetwork(network, initialWeights(network, 3))
		writeFileSync(folded, writeModel(makeModel(foldNormalisation(graph), OPERATOR_SET)))
		const summary = await start(changed({ ...short, student: { from: 'onnx', file: folded }, normalisation: 'restored', optimisation: { optimiser: { kind: 'sgd', learningRate: 1e-9 } } }), newRuns())
		const weights = readLatest(join(summary.directory, 'checkpoints')).checkpoint.groups.get('weights') ?? new Map<string, Float32Array>()
		const means = [...weights.keys()].filter((name) => name.endsWith('/mean'))
		expect(means.length).toBeGreaterThan(0)
		// Hardly anything is learned at this rate, so what the layers see is what was measured: the scale is their deviation, and batches agree with it.
		for (const name of means) {
			const [scale, variance] = [weights.get(name.replace(/mean$/, 'scale')), weights.get(name.replace(/mean$/, 'variance'))]
			for (const [channel, value] of (variance ?? []).entries()) expect(Math.sqrt(value + 1e-5) / (scale?.[channel] ?? 0)).toBeGreaterThan(0.5)
		}
		expect(operators(summary.directory)).toEqual(operators(whole.directory))
		await refused(changed({ ...short, normalisation: 'restored' }), /no convolution that a normalisation could be folded into/)
	})

	it('learns from a teacher, whether its answers are kept or computed anew', async () => {
		const teacher = { from: 'onnx' as const, file: writeSmallNetwork(join(folder, 'teacher.onnx'), 11), labels: ['top', 'bright', 'left'], input: { size: 48, mean: [0, 0, 0], std: [1, 1, 1], colour: 'grey' as const } }
		const losses: RecipeInput['losses'] = [{ kind: 'cross-entropy' }, { kind: 'kl', weight: 0.5, temperature: 2 }, { kind: 'hint', weight: 0.1, layers: [{ student: 'stage_2', teacher: 'stage_2' }] }]
		for (const augmentation of [{ preset: 'none' as const }, { preset: 'chest-radiograph' as const }]) {
			const summary = await start(changed({ ...short, teachers: [teacher], losses: augmentation.preset === 'none' ? losses.slice(0, 2) : losses, augmentation }), newRuns())
			expect(summary.record.state).toBe('finished')
			const [line = ''] = readFileSync(join(summary.directory, 'metrics.jsonl'), 'utf8').split('\n')
			expect(Object.keys((JSON.parse(line) as { parts: object }).parts)).toEqual(['cross-entropy', 'kl', ...(augmentation.preset === 'none' ? [] : ['hint'])])
		}
	})
})

describe('the pre-flight', () => {
	it('counts classes, lists what was left out and measures, and writes nothing', async () => {
		const runs = newRuns()
		const preflight = await preflightRun({ recipe: changed({}), title: 'recipe.json', base: folder }, places(runs), control())
		expect(preflight).toMatchObject({ ok: true, classes: [{ label: 'bright', train: 16, validation: 8, test: 8 }, { label: 'left' }, { label: 'top' }], refused: [], time: { steps: 24 } })
		expect(preflight.time?.secondsPerStep).toBeGreaterThan(0)
		expect(preflight.memoryBytes?.needed).toBeGreaterThan(0)
		expect(existsSync(runs)).toBe(false)
	})
})

describe('a run that cannot succeed is refused, naming file and field, and leaves nothing:', () => {
	it('an unknown key, a wrong value, a file that is not there', async () => {
		await refused({ ...changed({}), epoch: 3 }, /^recipe\.json: there is no field "epoch" in a recipe\.$/)
		await refused({ ...changed({}), optimisation: { optimiser: { kind: 'sgd', learningRate: 0.1, beta: 1 } } }, /there is no field "optimisation\.optimiser\.beta"/)
		await refused(changed({ batch: 0 }), /^recipe\.json: the field "batch" is not valid: /)
		await refused(changed({ student: { from: 'onnx', file: 'none.onnx' } }), /recipe\.json: .*none\.onnx, which the field "student\.file" names, is not there\./)
		await refused(changed({ student: { from: 'pack', pack: 'none' } }), /the model pack "none", which the field "student\.pack" names, is not there/)
		await refused(changed({ headOnly: true }), /the field "augmentation" is not valid: With headOnly/)
	})

	it('a network that is none, a loss that does not fit, patterns that fit nothing', async () => {
		writeFileSync(join(folder, 'letter.onnx'), 'Dear colleague')
		await refused(changed({ student: { from: 'onnx', file: 'letter.onnx' } }), /recipe\.json: .*letter\.onnx \(student\.file\) is no network that can be used here/)
		await refused(changed({ losses: [{ kind: 'kl' }] }), /recipe\.json: losses\.0\.kind: The loss kl needs a teacher/)
		await refused(changed({ optimisation: { optimiser: { kind: 'sgd', learningRate: 1 }, freeze: ['layer9*'] } }), /recipe\.json: optimisation\.freeze\.0: No parameter of the network fits "layer9\*"/)
	})

	it('a class without images, a patient in two splits, an unreadable image', async () => {
		const without = dataWith((lines) => lines.filter((line) => !/,top,val,/.test(line)))
		await refused(smallRecipe({ ...parts, data: without }), new RegExp(`${without} \\(field data\\): Label "top" has no image in the validation split`))
		const crossing = dataWith((lines) => lines.map((line) => line.replace(',train,patient 0,', ',val,patient 4,')))
		await refused(smallRecipe({ ...parts, data: crossing }), /\(field data\): .*stands? in more than one split.*patient 4/)
		const unreadable = dataWith((lines) => [...lines, 'broken.png,top,train,patient 99,south'])
		await refused(smallRecipe({ ...parts, data: unreadable }), /recipe\.json: .*cannot be used.*data\.unreadableShare.*broken\.png/)
		const recipe = smallRecipe({ ...parts, data: unreadable })
		const preflight = await preflightRun({ recipe: { ...recipe, data: { ...recipe.data, unreadableShare: 0.5 } }, title: 'recipe.json', base: folder }, places(newRuns()), control())
		expect(preflight.refused).toEqual([{ id: expect.stringContaining('broken.png') as string, reason: expect.stringMatching(/^[A-Z].*\.$/) as string }])
	})

	it('a teacher whose labels differ, a batch that is larger than the split', async () => {
		const teacher = { from: 'onnx' as const, file: parts.student, input: { size: 32, mean: [0, 0, 0], std: [1, 1, 1], colour: 'grey' as const } }
		await refused(changed({ teachers: [{ ...teacher, labels: ['bright', 'left', 'bottom'] }] }), /student\.onnx \(teachers\[0\]\.file\): the labels of the teacher are not those of the data set\. The teacher has bright, left, bottom; the data set has bright, left, top\./)
		await refused(changed({ teachers: [{ ...teacher, labels: ['bright'] }] }), /\(teachers\[0\]\.labels\): the teacher has 3 outputs, and 1 labels are given/)
		await refused(changed({ batch: 64 }), /48 training images, fewer than one step takes: 128 \(field batch/)
	})

	it('a full disk', async ({ skip }) => {
		const disk = await mkdtemp(join(folder, 'disk-'))
		const unmount = mountSmall(disk, 64)
		if (!unmount) {
			skip('this account may not mount a small file system')
			return
		}
		try {
			const filler = fillDisk(disk)
			await expect(start(changed(short), join(disk, 'runs'))).rejects.toThrow(/recipe\.json: the run cannot begin\. .*runs has 0 MiB left, and the run needs about \d+ MiB/)
			// The empty folder of what is worth remembering is no run.
			expect(readdirSync(disk).filter((name) => name !== 'cache')).toEqual(['filler'])
			// Room for the beginning, none for what follows.
			rmSync(filler)
			const runs = join(disk, 'runs')
			await expect(start(changed({ epochs: 2 }), runs, control((value) => {
				if (isStep(value, 3)) fillDisk(disk)
			}))).rejects.toThrow(/There is no space left on the disk for .*step-0000000004\.safetensors\. What the run has saved so far is whole; make space and resume it\./)
			rmSync(filler)
			expect(readRecord(join(runs, 'small-1')).state).toMatch(/failed|interrupted/)
			const ended = await resumeRun('small-1', places(runs), control())
			expect(ended.record.weightsSha256).toBe(whole.record.weightsSha256)
		} finally {
			unmount()
		}
	})
})

it('stops where the loss is no number any more, naming the step and the last finite loss, and keeps the checkpoints', async () => {
	const runs = newRuns()
	const recipe = changed({ ...short, optimisation: { optimiser: { kind: 'sgd', learningRate: 100, momentum: 0, nesterov: false }, schedule: { kind: 'constant' } }, normalisation: 'frozen' })
	await expect(start(recipe, runs)).rejects.toThrow(/^The (loss|norm of the gradients) of step \d+ \(epoch 1\) is (NaN|Infinity)\. The last finite loss was [\d.e+]+ at step \d+\. The run stops here/)
	expect(readRecord(join(runs, 'small-1'))).toMatchObject({ state: 'failed', reason: expect.stringContaining('The run stops here') as string })
	const { checkpoint } = readLatest(join(runs, 'small-1', 'checkpoints'))
	for (const values of checkpoint.groups.get('weights')?.values() ?? []) expect(values.every(Number.isFinite)).toBe(true)
})

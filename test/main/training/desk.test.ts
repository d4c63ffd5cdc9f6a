import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TrainingRun } from '../../../src/common/contract/training/desk.ts'
import type { RecipeInput } from '../../../src/common/contract/training/recipe.ts'
import { metricEventSchema } from '../../../src/common/contract/training/run.ts'
import { RUN_THREADS } from '../../../src/main/training/threads.ts'
import { smallRecipe, writeSmallData } from '../../support/smallRun.ts'
import { newHome, removeHome, startWorkstation, type TestWorkstation } from '../../support/workstation.ts'

/** Milliseconds for a run with its processes on a machine that is busy with other things. */
const PATIENCE = 200_000
/** Ten epochs of six steps. */
const STEPS = 60

let folder: string
let parts: { data: string; student: string }
/** Folder of a run that nothing disturbed. */
let whole: string
let home: string
let workstation: TestWorkstation

const recipe = (changes: Partial<RecipeInput> = {}) => smallRecipe(parts, { epochs: 10, ...changes })

async function runOf(id: string): Promise<TrainingRun | undefined> {
	return (await workstation.call('training.list', {})).runs.find((run) => run.id === id)
}

/** Waits until a run is in one of these states. */
async function until(id: string, ...states: TrainingRun['state'][]): Promise<TrainingRun> {
	const began = performance.now()
	for (;;) {
		const run = await runOf(id)
		if (run && states.includes(run.state)) return run
		if (performance.now() - began > PATIENCE) throw new Error(`The run ${id} is ${run?.state ?? 'gone'}, and not ${states.join(' or ')}. ${run?.reason ?? ''}`)
		await delay(200)
	}
}

const atStep = (step: number, id?: string) => workstation.next('training.progress', ({ id: own, live }) => (id === undefined || own === id) && live.step >= step && live.step < STEPS - 10)
const start = (changes: Partial<RecipeInput> = {}) => workstation.call('training.start', { recipe: recipe(changes) })
const weightsOf = (directory: string) => (JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8')) as { weightsSha256: string }).weightsSha256
const directoryOf = (id: string) => join(home, 'runs', id)

beforeAll(async () => {
	folder = await newHome()
	parts = await writeSmallData(folder)
	home = await newHome()
	workstation = await startWorkstation(home)
	const { id } = await start()
	await until(id, 'finished')
	whole = join(folder, 'whole')
	cpSync(directoryOf(id), whole, { recursive: true })
	await workstation.close()
	await removeHome(home)
})
afterAll(() => removeHome(folder))

beforeEach(async () => {
	home = await newHome()
	workstation = await startWorkstation(home)
})
afterEach(async () => {
	await workstation.close()
	await removeHome(home)
})

async function restart(): Promise<void> {
	await workstation.close()
	workstation = await startWorkstation(home)
	await workstation.rooms.training.begin()
}

describe('a run of the window', () => {
	it('is started, told of as it goes on, and read when it has ended', async () => {
		const told: { step: number; steps: number[] }[] = []
		const validations: number[] = []
		workstation.program.subscribe((event, payload) => {
			if (event !== 'training.progress') return
			const { live, steps, validations: own } = payload as { live: { step: number }; steps: { step: number[] }; validations: { step: number }[] }
			told.push({ step: live.step, steps: steps.step })
			validations.push(...own.map(({ step }) => step))
		})
		expect(await start()).toEqual({ id: 'small-1', waitsFor: null })
		const live = await atStep(1)
		expect(live.live).toMatchObject({ steps: STEPS, epochs: 10, phase: null, givesWay: false })
		expect(live.live.secondsLeft).toBeGreaterThan(0)
		expect(await runOf('small-1')).toMatchObject({ state: 'running', actions: ['pause', 'cancel'], place: null, name: 'small' })
		const ended = await until('small-1', 'finished')
		expect(ended).toMatchObject({ actions: ['remove'], live: null, record: { step: STEPS, weightsSha256: weightsOf(whole) } })
		expect(ended.pack && existsSync(join(ended.pack, 'model.onnx'))).toBe(true)
		// Every step is told once, in batches.
		expect(told.flatMap(({ steps }) => steps)).toEqual(Array.from({ length: STEPS }, (_, index) => index + 1))
		expect(validations).toHaveLength(10)
		expect(told.length).toBeLessThan(STEPS)

		const lines = (await workstation.call('training.log', { id: 'small-1' })).lines.map(({ kind, text }) => `${kind}: ${text}`)
		expect(lines[0]).toMatch(/^phase: Images: 96$/)
		expect(lines).toContain('state: Begins: 60 steps, 10 epochs.')
		expect(lines.filter((line) => line.startsWith('validation: Epoch '))).toHaveLength(10)
		expect(lines.at(-1)).toBe('state: Finished: the model pack is in pack.')
		expect(lines.some((line) => line.startsWith('check: memory: About '))).toBe(true)
	})

	it('is paused and resumed to the same weights', async () => {
		const { id } = await start()
		await atStep(5)
		await workstation.call('training.pause', { id })
		const paused = await until(id, 'paused')
		expect(paused.record?.step).toBeGreaterThanOrEqual(5)
		expect(paused.actions).toEqual(['resume', 'cancel'])
		await expect(workstation.call('training.pause', { id })).rejects.toThrow('does not work, so it cannot be paused')
		expect(await workstation.call('training.resume', { id })).toEqual({ id, waitsFor: null })
		await expect(workstation.call('training.resume', { id })).rejects.toThrow('works already, or waits for its turn')
		expect((await until(id, 'finished')).record?.weightsSha256).toBe(weightsOf(whole))
	})

	it('goes on when its process is killed, to the same weights and metrics', async () => {
		const { id } = await start()
		await atStep(10)
		workstation.signal('training', 'SIGKILL')
		await until(id, 'preparing')
		expect((await until(id, 'finished')).record?.weightsSha256).toBe(weightsOf(whole))
		expect(readFileSync(join(directoryOf(id), 'metrics.jsonl'))).toEqual(readFileSync(join(whole, 'metrics.jsonl')))
		const { lines } = await workstation.call('training.log', { id })
		expect(lines.map(({ text }) => text)).toContain('The training process ended: the system ended it, which it does most often because the memory is used up. The run goes on from its last checkpoint.')
		expect(lines.filter(({ text }) => /^Goes on from step \d+ of 60\.$/.test(text))).toHaveLength(1)
	})

	it('that ends its process again and again has failed, in words, and what it saved is kept', async () => {
		const failed = workstation.next('notice', ({ level }) => level === 'error')
		workstation.program.subscribe((event, payload) => {
			// As soon as it takes steps, before there is a new checkpoint.
			if (event === 'training.changed' && (payload as { id: string | null }).id === 'small-1' && workstation.rooms.training.works()) workstation.signal('training', 'SIGKILL')
		})
		const { id } = await start({ checkpointEverySteps: 1000 })
		const run = await until(id, 'failed')
		expect(run.reason).toMatch(/^The training process was started 3 times and ended each time before it came to a new checkpoint: the system ended it, which it does most often because the memory is used up\. What the run has saved is kept/)
		expect(run.reason).not.toMatch(/SIGKILL|code/)
		expect(run.actions).toEqual(['resume', 'remove'])
		expect((await failed).message).toContain('The run small has failed.')
		// It is not tried again by itself.
		await restart()
		expect((await runOf(id))?.state).toBe('failed')
	})

	it('goes on after a restart of the program, and one that was paused or has failed does not', async () => {
		const { id } = await start()
		await atStep(5)
		await workstation.call('training.pause', { id })
		await until(id, 'paused')
		const second = await start({ name: 'second' })
		await atStep(5, second.id)
		await workstation.close()
		// Closed in an orderly way, it has lost no step.
		const left = JSON.parse(readFileSync(join(directoryOf(second.id), 'state.json'), 'utf8')) as { state: string; step: number }
		expect([left.state, left.step >= 5]).toEqual(['running', true])
		workstation = await startWorkstation(home)
		expect((await runOf(second.id))?.state).toMatch(/waiting|interrupted/)
		await workstation.rooms.training.begin()
		expect((await until(second.id, 'finished')).record?.weightsSha256).toBe(weightsOf(whole))
		expect((await runOf(id))?.state).toBe('paused')
		const { lines } = await workstation.call('training.log', { id: second.id })
		expect(lines.map(({ text }) => text)).toContain('The program was started again.')
	})

	it('waits for its turn, says so, keeps it over a restart, and is dropped when it is cancelled before', async () => {
		const first = await start()
		const second = await start({ name: 'second' })
		const third = await start()
		expect([first, second, third]).toEqual([{ id: 'small-1', waitsFor: null }, { id: 'second-1', waitsFor: 'small-1' }, { id: 'small-2', waitsFor: 'small-1' }])
		await atStep(2)
		expect(workstation.program.unfinished()).toMatch(/^The run small goes on: step \d+ of 60, about a minute left\. 2 more wait\.$/)
		expect(await runOf('second-1')).toMatchObject({ state: 'waiting', place: 1, actions: ['cancel'], record: null })
		expect(await runOf('small-2')).toMatchObject({ state: 'waiting', place: 2 })
		await workstation.call('training.cancel', { id: 'second-1' })
		expect(await runOf('second-1')).toBeUndefined()
		await workstation.close()
		workstation = await startWorkstation(home)
		// What waits is known before anybody goes on with it.
		expect((await runOf('small-2'))?.state).toBe('waiting')
		await workstation.rooms.training.begin()
		await until('small-1', 'finished')
		expect((await until('small-2', 'finished')).record?.weightsSha256).toBe(weightsOf(whole))
		expect(workstation.program.unfinished()).toBeNull()
	})

	it('is dropped without a word when it is cancelled before it has a folder', async () => {
		const notices: unknown[] = []
		workstation.program.subscribe((event, payload) => void (event === 'notice' && notices.push(payload)))
		const { id } = await start()
		await until(id, 'preparing')
		await workstation.call('training.cancel', { id })
		const began = performance.now()
		while ((await runOf(id)) && performance.now() - began < PATIENCE) await delay(200)
		expect(await runOf(id)).toBeUndefined()
		expect(existsSync(directoryOf(id))).toBe(false)
		expect(notices).toEqual([])
	})

	it('is cancelled, and removed with a word of what is lost; not while its pack is in use', async () => {
		const { id } = await start()
		await atStep(3)
		await expect(workstation.call('training.remove', { id })).rejects.toThrow('waits for its turn or works. Cancel it first.')
		await workstation.call('training.cancel', { id })
		expect(await until(id, 'cancelled')).toMatchObject({ actions: ['resume', 'remove'] })
		const { lost, bytes } = await workstation.call('training.removal', { id })
		expect(lost[0]).toMatch(/^The weights after \d+ steps: the run cannot be resumed any more\.$/)
		expect(bytes).toBeGreaterThan(1000)
		await workstation.call('training.remove', { id })
		expect(await runOf(id)).toBeUndefined()
		expect(existsSync(directoryOf(id))).toBe(false)

		cpSync(whole, directoryOf('kept-1'), { recursive: true })
		cpSync(join(whole, 'pack'), join(home, 'models', 'small'), { recursive: true })
		await workstation.call('models.list', {})
		await workstation.call('models.select', { role: 'student', id: 'small' })
		await expect(workstation.call('training.remove', { id: 'kept-1' })).rejects.toThrow('The model pack of the run kept-1 is in use at the reading desk (Small).')
		await workstation.call('models.giveBack', { domain: 'chest-radiograph' })
		expect((await workstation.call('training.removal', { id: 'kept-1' })).lost[0]).toMatch(/^The model pack "Small" with its weights, results and card \(balanced accuracy /)
		await workstation.call('training.remove', { id: 'kept-1' })
		expect(existsSync(directoryOf('kept-1'))).toBe(false)
	})

	it('that cannot succeed does not begin, says why, and can be tried again', async () => {
		await expect(workstation.call('training.start', { recipe: { ...recipe(), epoch: 3 } })).rejects.toThrow('The recipe: there is no field "epoch" in a recipe.')
		await expect(workstation.call('training.start', { recipe: 'cross-entropy' })).rejects.toThrow('The recipe: it is no recipe')
		const teacher = { from: 'onnx' as const, file: parts.student, labels: ['bright', 'left', 'bottom'], input: { size: 32, mean: [0, 0, 0], std: [1, 1, 1], colour: 'grey' as const } }
		const { id } = await start({ teachers: [teacher] })
		const refused = await until(id, 'refused')
		expect(refused.reason).toMatch(/^The recipe: .*the labels of the teacher are not those of the data set\. The teacher has bright, left, bottom; the data set has bright, left, top\.$/)
		expect(refused).toMatchObject({ actions: ['resume', 'remove'], record: null })
		expect(existsSync(directoryOf(id))).toBe(false)
		expect((await workstation.call('training.recipe', { id })).recipe).toMatchObject({ teachers: [{ labels: ['bright', 'left', 'bottom'] }] })
		// It is there after a restart.
		await restart()
		expect((await runOf(id))?.state).toBe('refused')
		await workstation.call('training.remove', { id })
		expect(await runOf(id)).toBeUndefined()
	})

	it('has failed with the reason when its data is no longer what it was, and goes on when it is', async () => {
		const { id } = await start()
		await atStep(3)
		await workstation.call('training.pause', { id })
		await until(id, 'paused')
		const manifest = join(parts.data, 'manifest.csv')
		const before = readFileSync(manifest, 'utf8')
		writeFileSync(manifest, before.replace(/,(top|left|bright),train,/, (_, label: string) => `,${label === 'top' ? 'left' : 'top'},train,`))
		try {
			await workstation.call('training.resume', { id })
			expect((await until(id, 'failed')).reason).toBe(`The run ${id} cannot go on: the images or labels of its data set have changed since it began. Start a new run.`)
		} finally {
			writeFileSync(manifest, before)
		}
		await workstation.call('training.resume', { id })
		expect((await until(id, 'finished')).record?.weightsSha256).toBe(weightsOf(whole))
	})

	it('leaves a core to everything else unless its recipe says otherwise', async () => {
		const { threads: _threads, ...open } = recipe()
		const { id } = await workstation.call('training.start', { recipe: open })
		expect((await workstation.call('training.recipe', { id })).recipe).toMatchObject({ threads: RUN_THREADS })
		await workstation.call('training.cancel', { id })
	})
})

describe('a pre-flight of the window', () => {
	it('says in words what it found, tells how far it is, and writes nothing', async () => {
		const phases: string[] = []
		workstation.program.subscribe((event, payload) => void (event === 'training.job' && phases.push((payload as { phase: string }).phase)))
		const preflight = await workstation.call('training.preflight', { jobId: 'one', recipe: recipe() })
		expect(preflight).toMatchObject({ ok: true, time: { steps: STEPS } })
		expect(phases).toContain('images')
		const warnings = preflight.checks.filter(({ name }) => name === 'warning').map(({ detail }) => detail)
		expect(warnings).toContain('The train split has few images of bright (16), left (16), top (16). A network learns little from so few; more of them, or data.sampling.by "class", help.')
		expect(existsSync(join(home, 'runs'))).toBe(false)
	})

	it('keeps what it could see where the networks do not fit, is refused by field, and can be cancelled', async () => {
		const teacher = { from: 'onnx' as const, file: parts.student, labels: ['bright', 'left', 'bottom'], input: { size: 32, mean: [0, 0, 0], std: [1, 1, 1], colour: 'grey' as const } }
		const preflight = await workstation.call('training.preflight', { jobId: 'one', recipe: recipe({ teachers: [teacher] }) })
		expect(preflight).toMatchObject({ ok: false, memoryBytes: null, time: null, classes: [{ label: 'bright', train: 16 }, { label: 'left' }, { label: 'top' }] })
		expect(preflight.checks.filter(({ ok }) => !ok)).toEqual([{ name: 'networks', ok: false, detail: expect.stringContaining('the labels of the teacher are not those of the data set') as string }])
		await expect(workstation.call('training.preflight', { jobId: 'two', recipe: { ...recipe(), batch: 0 } })).rejects.toThrow('The recipe: the field "batch" is not valid')
		const begun = workstation.next('training.job', ({ jobId }) => jobId === 'three')
		const cancelled = expect(workstation.call('training.preflight', { jobId: 'three', recipe: recipe() })).rejects.toThrow('Cancelled.')
		await begun
		await workstation.call('training.cancelPreflight', { jobId: 'three' })
		await cancelled
	})

	it('tells that another run takes a part of the machine', async () => {
		await start()
		await atStep(1)
		const { checks } = await workstation.call('training.preflight', { jobId: 'one', recipe: recipe() })
		expect(checks.at(-1)?.detail).toMatch(/^The run small goes on: step \d+ of 60.* Time and free memory are what it leaves\.$/)
	})
})

describe('the metrics of a run', () => {
	it('come as columns, and only what is new comes again', async () => {
		const { id } = await start()
		await atStep(5)
		await workstation.call('training.pause', { id })
		await until(id, 'paused')
		const first = await workstation.call('training.metrics', { id })
		expect(first.total).toEqual({ steps: first.steps.step.length, validations: first.validations.length })
		await workstation.call('training.resume', { id })
		await until(id, 'finished')
		const rest = await workstation.call('training.metrics', { id, afterStep: first.total.steps, afterValidations: first.total.validations })
		expect(rest).toMatchObject({ total: { steps: STEPS, validations: 10 }, more: false })
		const events = readFileSync(join(whole, 'metrics.jsonl'), 'utf8').trimEnd().split('\n').map((line) => metricEventSchema.parse(JSON.parse(line)))
		const steps = events.filter((event) => event.event === 'step')
		expect([...first.steps.step, ...rest.steps.step]).toEqual(steps.map(({ step }) => step))
		expect([...first.steps.loss, ...rest.steps.loss]).toEqual(steps.map(({ loss }) => loss))
		expect([...(first.steps.parts['cross-entropy'] ?? []), ...(rest.steps.parts['cross-entropy'] ?? [])]).toEqual(steps.map(({ parts: own }) => own['cross-entropy']))
		expect([...first.validations, ...rest.validations].map(({ metrics }) => metrics)).toEqual(events.flatMap((event) => (event.event === 'validation' ? [event.metrics] : [])))
		await expect(workstation.call('training.metrics', { id: 'none-1' })).rejects.toThrow('There is no run none-1')
	})
})

describe('templates and networks', () => {
	it('are there to begin with, and say what has to be filled in', async () => {
		const templates = await workstation.call('training.templates', {})
		expect(templates.map(({ id }) => id)).toEqual(['cxr3-finetune', 'paper1-covid-qu-ex', 'paper1-lc25000', 'paper2-chestx-ray14', 'paper2-chexpert', 'paper2-padchest'])
		expect(templates[1]?.missing).toEqual([
			{ field: 'data.folder', value: 'data/COVID-QU-Ex' }, { field: 'student.weights', value: 'weights/ofa_flops_595m_top1_80.0.safetensors' }, { field: 'teachers[0].pack', value: 'covid-qu-ex-vgg19' },
		])
		for (const { sentence } of templates) expect(sentence).toMatch(/^[A-Z].*\.$/)
		const networks = await workstation.call('zoo.list', { classes: 3 })
		expect(networks.map(({ name }) => name)).toContain('eeea-net-c2')
	})

	it('a search for a student tells how far it is, and can be cancelled', async () => {
		const begun = workstation.next('training.job', ({ jobId }) => jobId === 'search')
		const cancelled = expect(workstation.call('zoo.search', { jobId: 'search', milliseconds: 20, classes: 3 })).rejects.toThrow('Cancelled.')
		expect((await begun).of).toBeGreaterThan(10)
		await expect(workstation.call('zoo.search', { jobId: 'search', milliseconds: 20, classes: 3 })).rejects.toThrow('This is being looked at already.')
		await workstation.call('zoo.cancelSearch', { jobId: 'search' })
		await cancelled
	})
})

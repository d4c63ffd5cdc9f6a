import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lossFactor, lossProblems, lossSchema } from '../../../../src/common/contract/training/loss.ts'
import { createGraphBuilder } from '../../../../src/onnx/builder.ts'
import { lossDifferences, lossGraph, runLosses, type Given, type LossFeeds } from '../../../support/lossRun.ts'
import { ramp } from '../../../support/runGraph.ts'

const N = 5, C = 4
const HINTS = [{ student: 'wide', teacher: 'narrow' }]
const SAME = [{ student: 'same', teacher: 'same' }]
const MULTICLASS = [
	{ kind: 'cross-entropy', labelSmoothing: 0.1, classWeights: [1, 2, 3, 0.5] }, { kind: 'kl' }, { kind: 'kl', standardise: true }, { kind: 'mse' }, { kind: 'mse', standardise: true },
	{ kind: 'dkd', warmUpEpochs: 0 }, { kind: 'dkd', warmUpEpochs: 0, standardise: true, temperature: 1 }, { kind: 'dist' }, { kind: 'dist', standardise: true },
	{ kind: 'attention', layers: HINTS }, { kind: 'hint', layers: HINTS }, { kind: 'hdkd', layers: SAME }, { kind: 'rkd' }, { kind: 'crckd' },
]
const MULTILABEL = [{ kind: 'binary-cross-entropy' }, { kind: 'focal-binary-cross-entropy' }, { kind: 'mse' }, { kind: 'mld' }]
const ALL = [...MULTICLASS.map((recipe) => ({ recipe, task: 'multiclass' as const })), ...MULTILABEL.map((recipe) => ({ recipe, task: 'multilabel' as const }))]
	.map((one) => ({ ...one, title: JSON.stringify(one.recipe) }))

function given(dims: readonly number[], seed: number, scale = 1): Given {
	return { dims, values: ramp(dims.reduce((product, size) => product * size, 1), seed).map((value) => value * scale) }
}

const filled = (value: number): Given => ({ dims: [N, C], values: Array.from({ length: N * C }, () => value) })

/** One-hot; the class of image i is i modulo C, or class 0 and 1 alone. */
function oneHot(classes = C): Given {
	return { dims: [N, C], values: Array.from({ length: N * C }, (_, index) => (index % C === Math.floor(index / C) % classes ? 1 : 0)) }
}

function feeds(task: 'multiclass' | 'multilabel', changes: LossFeeds = {}): LossFeeds {
	return {
		'student/logits': given([N, C], 1, 3), 'student/features': given([N, 6], 2), 'student/layer/wide': given([N, 2, 5, 4], 3), 'student/layer/same': given([N, 3, 2, 2], 4),
		'teacher/0/logits': given([N, C], 5, 3), 'teacher/0/features': given([N, 3], 6), 'teacher/0/layer/narrow': given([N, 3, 3, 6], 7), 'teacher/0/layer/same': given([N, 3, 2, 2], 8),
		target: task === 'multiclass' ? oneHot() : { dims: [N, C], values: ramp(N * C, 9).map((value) => (value > 0 ? 1 : 0)) },
		known: task === 'multiclass' ? filled(1) : { dims: [N, C], values: ramp(N * C, 10).map((value) => (value > -0.3 ? 1 : 0)) },
		'loss/hint/regressor.0.weight': given([3, 2, 1, 1], 11), 'loss/hint/regressor.0.bias': given([3], 12),
		'loss/hdkd/head.weight': given([C, 6], 13), 'loss/hdkd/head.bias': given([C], 14),
		...changes,
	}
}

/** Two classes. */
function pair(values: number[]): Given {
	return { dims: [values.length / 2, 2], values }
}

describe('every loss', () => {
	// The centroids of crckd have no gradient, so differences say another thing; PyTorch's golden values cover it.
	it.each(ALL.filter(({ recipe }) => recipe.kind !== 'crckd'))('has the gradient of its central differences: $title', async ({ recipe, task }) => {
		const { gradients } = await runLosses(feeds(task), [recipe], task)
		for (const [name, expected] of lossDifferences(feeds(task), [recipe], task)) {
			const found = gradients.get(name), largest = Math.max(...expected.map(Math.abs))
			if (largest === 0) expect(found).toBeUndefined()
			for (const [index, slope] of expected.entries()) expect(Math.abs((found?.[index] ?? 0) - slope), `${name} ${String(index)}`).toBeLessThan(3e-5 * Math.max(largest, 1e-3))
		}
	})

	it.each(ALL)('stays finite for networks that are sure beyond float32, and for dead features: $title', async ({ recipe, task }) => {
		const sure = (seed: number): Given => ({ dims: [N, C], values: ramp(N * C, seed).map((value) => Math.sign(value) * 300) })
		const dead = { dims: [N, 6], values: Array.from({ length: N * 6 }, () => 0) }
		const blank = { dims: [N, 2, 5, 4], values: Array.from({ length: N * 40 }, () => 0) }
		const extremes: LossFeeds[] = [
			{ 'student/logits': sure(20), 'teacher/0/logits': sure(21) }, { 'student/logits': filled(0) }, { 'student/logits': filled(5), 'teacher/0/logits': filled(-1000) },
			{ 'student/features': dead, 'student/layer/wide': blank }, { target: filled(0), known: filled(0) }, { target: oneHot(1) },
		]
		for (const changes of extremes) {
			const { value, gradients } = await runLosses(feeds(task, changes), [recipe], task)
			expect(value, Object.keys(changes).join()).toSatisfy(Number.isFinite)
			for (const [name, values] of gradients) expect(values.every(Number.isFinite), `${name} with ${Object.keys(changes).join()}`).toBe(true)
		}
	})
})

describe('unknown truth', () => {
	it.each([...MULTILABEL, { kind: 'cross-entropy', labelSmoothing: 0.1 }, { kind: 'dkd', warmUpEpochs: 0 }, { kind: 'crckd' }])('gives 0 and no gradient where nothing is known: $kind', async (recipe) => {
		const task = MULTILABEL.some(({ kind }) => kind === recipe.kind) ? 'multilabel' : 'multiclass'
		const { value, gradients } = await runLosses(feeds(task, { known: filled(0) }), [recipe], task)
		expect(value).toBe(0)
		for (const values of gradients.values()) expect(values.every((slope) => slope === 0)).toBe(true)
	})

	it.each(MULTILABEL)('says nothing about what is not known: $kind', async (recipe) => {
		const base = feeds('multilabel')
		const hidden = (name: string): Given => ({ dims: [N, C], values: Array.from(base[name]!.values, (value, index) => (base['known']!.values[index] === 1 ? value : 1 - value * 7)) })
		const one = await runLosses(base, [recipe], 'multilabel')
		const other = await runLosses({ ...base, target: hidden('target'), 'student/logits': hidden('student/logits'), 'teacher/0/logits': hidden('teacher/0/logits') }, [recipe], 'multilabel')
		expect(other.value).toBe(one.value)
		for (const [index, slope] of one.gradients.get('student/logits')!.entries()) {
			if (base['known']!.values[index] === 0) expect(slope === 0).toBe(true)
		}
	})

	it('leaves images without a label out of the mean', async () => {
		const known: Given = { dims: [N, C], values: Array.from({ length: N * C }, (_, index) => (index < 2 * C ? 1 : 0)) }
		const part = (name: string): Given => ({ dims: [2, C], values: Array.from(feeds('multiclass')[name]!.values).slice(0, 2 * C) })
		for (const recipe of [{ kind: 'cross-entropy', labelSmoothing: 0.2, classWeights: [1, 2, 3, 4] }, { kind: 'dkd', warmUpEpochs: 0 }]) {
			const all = await runLosses(feeds('multiclass', { known }), [recipe])
			const few = await runLosses({
				'student/logits': part('student/logits'), 'teacher/0/logits': part('teacher/0/logits'), target: part('target'), known: { dims: [2, C], values: Array.from({ length: 2 * C }, () => 1) },
				'student/features': given([2, 6], 1), 'teacher/0/features': given([2, 6], 1),
			}, [recipe])
			expect(all.value).toBeCloseTo(few.value, 5)
		}
	})
})

/** Never all alike: the correlation of answers without any variation is a matter of rounding. */
const UNEVEN = ramp(N * C, 30)
const logitsOf = fc.array(fc.integer({ min: -15, max: 15 }), { minLength: N * C, maxLength: N * C }).map((values): Given => ({ dims: [N, C], values: values.map((value, index) => value + UNEVEN[index]!) }))
const RUNS = { numRuns: 20, seed: 4 }

/** Value of one loss with other student's logits. */
async function valueOf(recipe: { kind: string }, changes: LossFeeds): Promise<number> {
	const task = MULTILABEL.includes(recipe) ? 'multilabel' : 'multiclass'
	return (await runLosses(feeds(task, { known: filled(1), ...changes }), [{ weight: 1, ...recipe }], task)).value
}

describe('invariants', () => {
	it.each([{ kind: 'kl' }, { kind: 'dkd', warmUpEpochs: 0 }, { kind: 'mse' }, MULTILABEL[3]!, MULTILABEL[2]!])('a divergence is never below 0, and 0 for equal logits: $kind', async (recipe) => {
		await fc.assert(fc.asyncProperty(logitsOf, logitsOf, async (student, teacher) => {
			expect(await valueOf(recipe, { 'student/logits': student, 'teacher/0/logits': teacher })).toBeGreaterThanOrEqual(-1e-5)
			expect(Math.abs(await valueOf(recipe, { 'student/logits': teacher, 'teacher/0/logits': teacher }))).toBeLessThan(1e-6)
		}), RUNS)
	})

	it('softmax losses do not see what is added to all logits of an image', async () => {
		await fc.assert(fc.asyncProperty(logitsOf, fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: N, maxLength: N }), async (student, shifts) => {
			const shifted: Given = { dims: [N, C], values: Array.from(student.values, (value, index) => value + shifts[Math.floor(index / C)]!) }
			for (const recipe of [{ kind: 'cross-entropy' }, { kind: 'kl' }, { kind: 'dkd', warmUpEpochs: 0 }, { kind: 'dist' }]) {
				const value = await valueOf(recipe, { 'student/logits': student })
				expect(Math.abs(await valueOf(recipe, { 'student/logits': shifted }) - value), recipe.kind).toBeLessThan(2e-4 * Math.max(1, Math.abs(value)))
			}
		}), { numRuns: 8, seed: 4 })
	})

	it('standardised logits see neither shift nor scale of an image', async () => {
		await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.double({ min: -20, max: 20, noNaN: true }), fc.double({ min: 0.2, max: 5, noNaN: true })), { minLength: N, maxLength: N }), async (changes) => {
			const values = Array.from(feeds('multiclass')['student/logits']!.values, (value, index) => changes[Math.floor(index / C)]![0] + value * changes[Math.floor(index / C)]![1])
			for (const recipe of [{ kind: 'kl', standardise: true }, { kind: 'mse', standardise: true }, { kind: 'dist', standardise: true }, { kind: 'dkd', warmUpEpochs: 0, standardise: true }]) {
				const value = await valueOf(recipe, {})
				expect(Math.abs(await valueOf(recipe, { 'student/logits': { dims: [N, C], values } }) - value), recipe.kind).toBeLessThan(1e-3 * Math.max(1, value))
			}
		}), { numRuns: 8, seed: 4 })
	})

	it('dist is the correlation of the answers: 0 where they are scaled and shifted copies, 2 where they are opposed', async () => {
		// With two classes answers of an image are always copies or opposites of each other.
		const student = pair([0.4, -0.4, 1, -1, -2, 2]), run = async (teacher: Given): Promise<number> => (await runLosses({
			'student/logits': student, 'teacher/0/logits': teacher, 'student/features': pair([0, 0, 0, 0, 0, 0]), 'teacher/0/features': pair([0, 0, 0, 0, 0, 0]),
			target: pair([1, 0, 1, 0, 0, 1]), known: pair([1, 1, 1, 1, 1, 1]),
		}, [{ kind: 'dist', gamma: 0 }])).value
		expect(await run(pair([2, 1, 0.2, 0, -1, 1]))).toBeCloseTo(0, 5)
		expect(await run(pair([1, 2, 0, 0.2, 1, -1]))).toBeCloseTo(2, 5)
	})

	it('attention sees no scale of the activations, relations neither scale, shift nor order of the features', async () => {
		const base = feeds('multiclass'), times = (name: string, factor: number, shift = 0): Given => ({ dims: base[name]!.dims, values: Array.from(base[name]!.values, (value) => value * factor + shift) })
		const at = { kind: 'attention', layers: HINTS }
		expect(await valueOf(at, { 'student/layer/wide': times('student/layer/wide', 7) })).toBeCloseTo(await valueOf(at, {}), 5)
		const turned: Given = { dims: [N, 6], values: Array.from({ length: N * 6 }, (_, index) => base['student/features']!.values[Math.floor(index / 6) * 6 + 5 - (index % 6)]!) }
		for (const features of [times('student/features', 5, 0.7), turned]) expect(await valueOf({ kind: 'rkd' }, { 'student/features': features })).toBeCloseTo(await valueOf({ kind: 'rkd' }, {}), 3)
		expect(await valueOf({ kind: 'rkd' }, { 'student/features': base['teacher/0/features']! })).toBeCloseTo(0, 6)
		expect(await valueOf({ kind: 'crckd' }, { 'student/features': times('student/features', 5) })).toBeCloseTo(await valueOf({ kind: 'crckd' }, {}), 4)
		expect(await valueOf({ kind: 'crckd' }, { 'student/features': base['teacher/0/features']! })).toBeCloseTo(0, 6)
	})

	it('focal binary cross-entropy with gamma 0 is binary cross-entropy', async () => {
		const focal = await runLosses(feeds('multilabel'), [{ kind: 'focal-binary-cross-entropy', gamma: 0, weight: 1 }], 'multilabel')
		expect(focal.value).toBeCloseTo((await runLosses(feeds('multilabel'), [{ kind: 'binary-cross-entropy' }], 'multilabel')).value, 6)
	})
})

describe('the sum', () => {
	it('is weighted, warmed up, and its parts are not', async () => {
		const recipes = [{ kind: 'cross-entropy', weight: 0.5 }, { kind: 'dkd', weight: 2 }, { kind: 'kl', weight: 0 }, { kind: 'kl', weight: 3, temperature: 1 }]
		const { value, parts } = await runLosses(feeds('multiclass'), recipes, 'multiclass', [1], 0.25)
		expect([...parts.keys()]).toEqual(['cross-entropy', 'dkd', 'kl', 'kl-2'])
		expect(value).toBeCloseTo(0.5 * parts.get('cross-entropy')! + 2 * 0.25 * parts.get('dkd')! + 3 * parts.get('kl-2')!, 4)
	})

	it('grows as mdistiller does', () => {
		const dkd = lossSchema.parse({ kind: 'dkd' })
		expect([1, 10, 20, 21].map((epoch) => lossFactor(dkd, epoch))).toEqual([0.05, 0.5, 1, 1])
		expect(lossFactor(lossSchema.parse({ kind: 'dkd', warmUpEpochs: 0 }), 1)).toBe(1)
		expect(lossFactor(lossSchema.parse({ kind: 'kl' }), 1)).toBe(1)
	})

	it('names what it learns', () => {
		const recipes = [{ kind: 'hint', layers: HINTS }, { kind: 'hint', layers: HINTS }, { kind: 'hdkd', layers: SAME }]
		const build = createGraphBuilder()
		const { parameters } = lossGraph(build, feeds('multiclass'), recipes, 'multiclass', [1])
		expect(parameters.map(({ name, role }) => `${name} ${role}`)).toEqual([
			'loss/hint/regressor.0.weight weight', 'loss/hint/regressor.0.bias bias', 'loss/hint-2/regressor.0.weight weight', 'loss/hint-2/regressor.0.bias bias',
			'loss/hdkd/head.weight weight', 'loss/hdkd/head.bias bias',
		])
	})
})

function refuse(recipes: readonly unknown[], task: 'multiclass' | 'multilabel' = 'multiclass', changes: LossFeeds = {}, shares = [1]): () => void {
	return () => void lossGraph(createGraphBuilder(), feeds(task, changes), recipes, task, shares)
}

describe('refusals', () => {
	it('name loss and field', () => {
		expect(refuse([{ kind: 'mse' }, { kind: 'kl' }], 'multilabel')).toThrow('losses.1.kind: The loss kl is for one label per image')
		expect(refuse([{ kind: 'mld' }])).toThrow('losses.0.kind: The loss mld is for several labels')
		expect(refuse([{ kind: 'mse', standardise: true }], 'multilabel')).toThrow('losses.0.standardise')
		expect(refuse([{ kind: 'kl' }], 'multiclass', {}, [])).toThrow('needs a teacher')
		expect(refuse([{ kind: 'hint', teacher: 1, layers: HINTS }])).toThrow('asks for teacher 1; the run has 1, counted from 0')
		expect(refuse([{ kind: 'cross-entropy', classWeights: [1, 2] }])).toThrow('losses.0.classWeights: There are 2 class weights for 4 labels')
		expect(refuse([])).toThrow('needs a loss')
	})

	it('name layers and shapes', () => {
		expect(refuse([{ kind: 'attention', layers: [{ student: 'deep', teacher: 'narrow' }] }])).toThrow('the layer "deep", which the student does not have. It has: wide, same.')
		expect(refuse([{ kind: 'hint', layers: [{ student: 'wide', teacher: 'wide' }] }])).toThrow('which the teacher 0 does not have')
		expect(refuse([{ kind: 'hdkd', layers: HINTS }])).toThrow('"wide" of the student is 2 x 5 x 4, "narrow" of the teacher 3 x 3 x 6')
		expect(refuse([{ kind: 'kl' }], 'multiclass', { 'teacher/0/logits': given([N, 3], 1) })).toThrow('teachers.0: The teacher answers 3 labels, the student 4.')
	})

	it('know batches that are too small for relations', () => {
		const setting = { task: 'multiclass', classes: 3, teachers: 1, batchSize: 1 } as const
		expect(lossProblems([lossSchema.parse({ kind: 'rkd' })], setting)).toEqual([{ index: 0, field: 'kind', reason: 'The loss rkd compares images with each other and needs a batch of two at least.' }])
		expect(lossProblems([lossSchema.parse({ kind: 'rkd' })], { ...setting, batchSize: 2 })).toEqual([])
	})

	it('come from the schema for unknown keys and numbers out of range', () => {
		expect(lossSchema.safeParse({ kind: 'kl', temprature: 2 }).success).toBe(false)
		expect(lossSchema.safeParse({ kind: 'kl', temperature: 0 }).success).toBe(false)
		expect(lossSchema.safeParse({ kind: 'cross-entropy', weight: Number.NaN }).success).toBe(false)
		expect(lossSchema.safeParse({ kind: 'hint', layers: [] }).success).toBe(false)
		expect(lossSchema.safeParse({ kind: 'sp' }).success).toBe(false)
	})
})

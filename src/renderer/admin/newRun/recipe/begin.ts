import type { DataRecipe } from '../../../../common/contract/training/data.ts'
import type { DataSetSummary } from '../../../../common/contract/training/dataSets.ts'
import type { ModelManifest, ReadyModel } from '../../../../common/contract/model.ts'
import { taskOf, written } from './images.ts'
import { textAt, valueAt, withValue, type Draft } from './fields.ts'

/** A network that has learned goes on in small steps, one with drawn values in larger ones and for longer. */
const GOES_ON = { learningRate: 1e-4, epochs: 5, batch: 16, warmUpEpochs: 0.5 }
const FROM_NOTHING = { learningRate: 1e-3, epochs: 20, batch: 32, warmUpEpochs: 1 }
/** A side that a processor trains in hours and not in days. */
const SIZE_FROM_NOTHING = 128
/** An average over about so many steps at least. */
const LEAST_AVERAGED = 10

/** Names of labels that say that nothing was found. */
const NOTHING_FOUND = /^(normal|no[ _-]?finding|healthy|benign)$/i

/** The model to go on with: with the same labels, else of the same kind of images; the one that reads at the desk before others. */
export function studentFor(labels: readonly string[] | null, domain: ModelManifest['domain'], packs: readonly ReadyModel[]): ReadyModel | undefined {
	const students = packs.filter(({ manifest: { role } }) => role === 'student').toSorted((a, b) => Number(b.selected) - Number(a.selected))
	return students.find((own) => labels !== null && answers(own) === labels.toSorted().join('\n')) ?? students.find(({ manifest }) => manifest.domain === domain)
}

function answers({ manifest }: ReadyModel): string {
	return manifest.labels.map(({ name }) => name).toSorted().join('\n')
}

/** A recipe with sensible values for images of a person's own, of which only student and teachers are left to choose. */
export function recipeFor({ data, title, found, packs }: { data: DataRecipe; title: string; found: DataSetSummary['found']; packs: readonly ReadyModel[] }): Draft {
	const domain = data.layout === 'lc25000' ? 'histology' : 'chest-radiograph'
	const labels = ('labels' in data ? data.labels : undefined) ?? found?.labels ?? null
	const pack = studentFor(labels, domain, packs)
	const kind = pack ? GOES_ON : FROM_NOTHING
	const draft: Draft = {
		schemaVersion: 1,
		name: title.slice(0, 100),
		data: { ...written(data), ...(taskOf({ data }) === 'multiclass' && data.sampling.by === 'shuffle' ? { sampling: { by: 'class' } } : {}) },
		student: pack ? { from: 'pack', pack: pack.manifest.id } : { from: 'zoo', name: 'eeea-net-c2' },
		...(pack ? {} : { input: { size: SIZE_FROM_NOTHING } }),
		optimisation: optimisationOf(kind, found?.images ?? null),
		epochs: kind.epochs,
		batch: kind.batch,
		...(domain === 'histology' ? { augmentation: { preset: 'histology' } } : {}),
		...(taskOf({ data }) === 'multilabel' ? { validation: { monitor: 'auroc' } } : {}),
	}
	return withLabels(domain === 'histology' ? withValue(draft, 'pack.domain', domain) : draft, labels, pack?.manifest)
}

function optimisationOf({ learningRate, batch, warmUpEpochs }: typeof GOES_ON, images: number | null): unknown {
	const steps = images === null ? null : (0.7 * images) / batch
	return {
		optimiser: { kind: 'adamw', learningRate, weightDecay: 0.02 }, schedule: { kind: 'cosine', warmUpEpochs }, gradientNorm: 2,
		...(steps === null ? {} : { averageDecay: Math.round(1000 * (1 - 1 / Math.min(500, Math.max(LEAST_AVERAGED, steps)))) / 1000 }),
	}
}

/** What the model pack says of its labels: as the model before it does, and that a normal film is no finding. */
function withLabels(draft: Draft, labels: readonly string[] | null, manifest: ModelManifest | undefined): Draft {
	const entries = (labels ?? []).flatMap((name): [string, unknown][] => {
		const before = manifest?.labels.find((label) => label.name === name)
		if (before) return [[name, { title: before.title, code: before.code, finding: before.finding, ...(before.limitation === '' ? {} : { limitation: before.limitation }) }]]
		return NOTHING_FOUND.test(name) ? [[name, { finding: false }]] : []
	})
	return entries.length === 0 ? draft : withValue(draft, 'pack.labels', Object.fromEntries(entries))
}

/** Other images for a draft: what belonged to the labels of those before goes with them, the rest stays. */
export function withImages(draft: Draft, data: DataRecipe, found: DataSetSummary['found'], packs: readonly ReadyModel[]): Draft {
	const before = taskOf(draft)
	const task = taskOf({ data })
	const labels = ('labels' in data ? data.labels : undefined) ?? found?.labels ?? null
	const pack = packs.find(({ manifest }) => manifest.id === textAt(draft, 'student.pack'))
	const kept = valueAt(draft, 'data.sampling')
	let next = withValue(draft, 'data', { ...written(data), ...(kept === undefined || data.sampling.by !== 'shuffle' ? {} : { sampling: kept }) })
	next = withLabels(withValue(next, 'pack.labels', undefined), labels, pack?.manifest)
	if (before !== null && task !== before) {
		// Losses and the number that decides are for one kind of truth.
		next = withValue(withValue(next, 'losses', undefined), 'validation.monitor', task === 'multilabel' ? 'auroc' : undefined)
	}
	return next
}

/** Another student. How large its steps are, and how many, follows where nobody has chosen that. */
export function withStudent(draft: Draft, student: Readonly<Record<string, unknown>>): Draft {
	const kindOf = (from: unknown) => (from === 'pack' || from === 'onnx' ? GOES_ON : FROM_NOTHING)
	const [before, after] = [kindOf(valueAt(draft, 'student.from')), kindOf(student['from'])]
	const next = withValue(draft, 'student', student)
	if (before === after) return next
	const follow = (recipe: Draft, field: string, key: keyof typeof GOES_ON): Draft => (valueAt(recipe, field) === before[key] ? withValue(recipe, field, after[key]) : recipe)
	const sized = after === FROM_NOTHING && valueAt(next, 'input.size') === undefined ? withValue(next, 'input.size', SIZE_FROM_NOTHING)
		: after === GOES_ON && valueAt(next, 'input.size') === SIZE_FROM_NOTHING ? withValue(next, 'input.size', undefined) : next
	return follow(follow(follow(follow(sized, 'optimisation.optimiser.learningRate', 'learningRate'), 'epochs', 'epochs'), 'batch', 'batch'), 'optimisation.schedule.warmUpEpochs', 'warmUpEpochs')
}

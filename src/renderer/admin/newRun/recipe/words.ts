import { augmentationSchema, changesNothing } from '../../../../common/contract/training/augmentation.ts'
import type { DataSetSummary } from '../../../../common/contract/training/dataSets.ts'
import type { ReadyModel } from '../../../../common/contract/model.ts'
import { optimisationSchema } from '../../../../common/contract/training/optimiser.ts'
import type { ZooEntry } from '../../../../common/contract/training/zoo.ts'
import { count, folderName, isolated, number } from '../../../ui/words.ts'
import { inWords } from '../../dataSets/dataSetWords.ts'
import { listAt, textAt, valueAt, type Draft } from './fields.ts'
import { dataSetOf, taskOf } from './images.ts'
import { LOSSES, lossesOf } from './losses.ts'
import { USUAL } from './usual.ts'

/** What the form knows beside the recipe. */
export interface Known {
	packs: readonly ReadyModel[]
	dataSets: readonly DataSetSummary[]
	zoo: readonly ZooEntry[]
}

const NOT_VALID = 'Not valid as it is'

/** "4.7 million", "451,329". */
export function manyInWords(value: number): string {
	if (value < 1e6) return number(value)
	return value < 1e9 ? `${(value / 1e6).toFixed(1)} million` : `${(value / 1e9).toFixed(1)} billion`
}

const SAMPLINGS: Record<string, string> = { shuffle: 'each image once in an epoch', class: 'classes equally often', source: 'sources equally often' }

export function imagesInWords(draft: Draft, { dataSets }: Known): string {
	const found = dataSetOf(draft, dataSets)
	const folder = textAt(draft, 'data.folder')
	if (folder === '') return 'No images are chosen'
	const sampling = SAMPLINGS[textAt(draft, 'data.sampling.by') || 'shuffle'] ?? NOT_VALID.toLowerCase()
	const size = found?.found ? `${count(found.found.images, 'image')}, ${count(found.found.labels.length, 'label')}` : ''
	return [`${isolated(found ? found.title : folderName(folder))}${size === '' ? '' : `: ${size}`}`, sampling].join('; ')
}

export function packTitle(id: string, packs: readonly ReadyModel[]): string {
	return packs.find(({ manifest }) => manifest.id === id)?.manifest.title ?? folderName(id)
}

export function studentInWords(draft: Draft, { packs, zoo }: Known): string {
	const weights = textAt(draft, 'student.weights')
	const first = weights === '' ? 'from values drawn at random' : `from the weights in ${isolated(folderName(weights))}`
	switch (valueAt(draft, 'student.from')) {
		case 'pack': return textAt(draft, 'student.pack') === '' ? 'No model is chosen' : `Goes on with ${isolated(packTitle(textAt(draft, 'student.pack'), packs))}`
		case 'zoo': return `${zoo.find(({ name }) => name === valueAt(draft, 'student.name'))?.title ?? textAt(draft, 'student.name')}, ${first}`
		case 'ofa': return `Built for this machine (a sub-network of OFA), ${first}`
		case 'onnx': return `The network in ${isolated(folderName(textAt(draft, 'student.file')))}`
		case 'lungs': return `The network that marks the lungs, ${first}`
		default: return NOT_VALID
	}
}

/** What a teacher is called: the title of its pack, or its file. */
export function teacherName(teacher: unknown, packs: readonly ReadyModel[]): string {
	return valueAt(teacher, 'from') === 'onnx' ? folderName(textAt(teacher, 'file')) : packTitle(textAt(teacher, 'pack'), packs)
}

function shareOf(teacher: unknown): number {
	const share = valueAt(teacher, 'share')
	return typeof share === 'number' ? share : 1
}

export function teachersInWords(draft: Draft, { packs }: Known): string {
	const teachers = listAt(draft, 'teachers')
	if (teachers.length === 0) return 'None: it learns from the truth alone'
	const all = teachers.reduce<number>((sum, teacher) => sum + shareOf(teacher), 0)
	return inWords(teachers.map((teacher) => `${isolated(teacherName(teacher, packs))}${teachers.length > 1 ? ` (${Math.round((100 * shareOf(teacher)) / all)} %)` : ''}`))
}

export function lossesInWords(draft: Draft): string {
	const task = taskOf(draft)
	const losses = task === null ? null : lossesOf(draft, task)
	if (!losses) return NOT_VALID
	return losses.map((loss) => `${losses.length > 1 ? `${loss.weight} ` : ''}${LOSSES[loss.kind].title}${'temperature' in loss ? ` (T = ${loss.temperature})` : ''}`).join(' + ')
}

const SCHEDULES = { cosine: 'falling as a cosine', step: 'falling in steps', constant: 'constant' } as const

export function scheduleInWords(draft: Draft): string {
	const parsed = optimisationSchema.safeParse(valueAt(draft, 'optimisation') ?? USUAL.optimisation)
	const [epochs, batch] = [valueAt(draft, 'epochs') ?? USUAL.epochs, valueAt(draft, 'batch') ?? USUAL.batch]
	if (!parsed.success || typeof epochs !== 'number' || typeof batch !== 'number') return NOT_VALID
	const { optimiser, schedule } = parsed.data
	return `${count(epochs, 'epoch')} in batches of ${number(batch)}; ${optimiser.kind === 'sgd' ? 'SGD' : 'AdamW'} at ${optimiser.learningRate}, ${SCHEDULES[schedule.kind]}`
}

export function freezingInWords(draft: Draft): string {
	if (valueAt(draft, 'headOnly') === true) return 'Everything but the last layer'
	const patterns = listAt(draft, 'optimisation.freeze')
	return patterns.length === 0 ? 'Nothing: all of the network learns' : `${count(patterns.length, 'pattern')} of parameter names`
}

export const AUGMENTATIONS: Record<string, string> = { 'chest-radiograph': 'As for chest films', histology: 'As for tissue', none: 'None: each image as it is' }

export function augmentationInWords(draft: Draft): string {
	const own = valueAt(draft, 'augmentation') ?? {}
	const parsed = augmentationSchema.safeParse(own)
	if (!parsed.success) return NOT_VALID
	if (changesNothing(parsed.data)) return AUGMENTATIONS['none'] ?? ''
	const changed = Object.keys(own).filter((key) => key !== 'preset').length
	return `${AUGMENTATIONS[textAt(draft, 'augmentation.preset') || 'chest-radiograph'] ?? ''}${changed === 0 ? '' : `, with ${count(changed, 'change')}`}`
}

export function packInWords(draft: Draft): string {
	const role = valueAt(draft, 'pack.role') === 'teacher' ? 'A teacher' : 'A student'
	const domain = valueAt(draft, 'pack.domain') === 'histology' ? 'tissue' : 'chest films'
	return `${role} for ${domain}, ${textAt(draft, 'pack.title') === '' ? 'named after the run' : isolated(textAt(draft, 'pack.title'))}`
}

function some(labels: readonly string[]): string {
	return inWords(labels.length > 6 ? [...labels.slice(0, 5), `${labels.length - 5} others`] : labels)
}

/** "It does not answer pneumonia. It answers edema, which the images do not have." Empty where both are the same, in any order. */
export function differenceOfLabels(own: readonly string[], wanted: readonly string[]): string {
	const missing = wanted.filter((label) => !own.includes(label))
	const others = own.filter((label) => !wanted.includes(label))
	return [missing.length > 0 ? `It does not answer ${some(missing)}.` : '', others.length > 0 ? `It answers ${some(others)}, which the images do not have.` : ''].filter((part) => part !== '').join(' ')
}

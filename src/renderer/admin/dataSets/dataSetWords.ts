import type { LabelledDataRecipe } from '../../../common/contract/training/data.ts'
import type { DataSetSummary, LeakKind, SurveyJob } from '../../../common/contract/training/dataSets.ts'
import { count, number } from '../../ui/words.ts'

export const SPLIT_TITLES = { train: 'Train', validation: 'Validation', test: 'Test' } as const

export const LEAK_WORDS: Record<LeakKind, string> = {
	group: 'Its patient or group stands in several splits.',
	identical: 'The same file stands in another split.',
	similar: 'Nearly the same picture stands in another split.',
}

/** What stands for a value that the data does not give. */
export const NOT_STATED = 'Not stated'

export function stated(value: string): string {
	return value.trim() === '' ? NOT_STATED : value
}

/** Lists of names in sentences: "train, validation and test". */
export function inWords(names: readonly string[]): string {
	return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

const LAYOUTS: Record<LabelledDataRecipe['layout'], string> = {
	manifest: 'Table', folders: 'Folders named after labels', 'covid-qu-ex': 'COVID-QU-Ex', lc25000: 'LC25000', 'chestx-ray14': 'ChestX-ray14', chexpert: 'CheXpert', padchest: 'PadChest',
}

/** What kind of data set a recipe reads: "Table, one label for each image". */
export function layoutTitle(recipe: LabelledDataRecipe): string {
	const title = LAYOUTS[recipe.layout]
	if (recipe.layout === 'manifest') return `${title}, ${recipe.task === 'multiclass' ? 'one label' : 'several labels'} for each image`
	return recipe.layout === 'covid-qu-ex' && recipe.tree === 'infection' ? `${title}, films with marked infections` : title
}

/** Columns of a table that a recipe reads, as far as it names them: "files file, labels label, splits split". */
export function columnsInWords(recipe: LabelledDataRecipe): string {
	if (recipe.layout !== 'manifest') return ''
	const { file, label, split, group, source, attributes } = recipe.columns
	const named = [['files', file], ['labels', label], ['splits', split], ['patients or groups', group], ['sources', source]].flatMap(([what, column]) => (column ? [`${what}: ${column}`] : []))
	return [...named, ...(attributes.length > 0 ? [`subgroups: ${attributes.join(', ')}`] : [])].join('; ')
}

/** "about 3 minutes left"; '' where that is not known. */
export function timeLeft(seconds: number | null): string {
	if (seconds === null) return ''
	if (seconds < 10) return 'a few seconds left'
	if (seconds < 90) return `about ${count(Math.ceil(seconds / 10) * 10, 'second')} left`
	const minutes = Math.round(seconds / 60)
	return minutes < 90 ? `about ${count(minutes, 'minute')} left` : `about ${count(Math.round(minutes / 60), 'hour')} left`
}

/** How far a survey is: "1,200 of 5,753 images, about 2 minutes left". */
export function surveyInWords({ state, progress }: SurveyJob): string {
	if (state === 'waiting') return 'Waiting for another survey to end'
	if (!progress || progress.of === 0) return 'Listing the images'
	// What comes after the last image, the search for near-duplicates, has no count.
	if (progress.done >= progress.of) return `${number(progress.of)} images read, looking for leaks`
	return [`${number(progress.done)} of ${number(progress.of)} images`, timeLeft(progress.secondsLeft)].filter((part) => part !== '').join(', ')
}

export type DataSetState = 'never' | 'waiting' | 'surveying' | 'failed' | 'older' | 'refused' | 'surveyed'

export const STATE_TITLES: Record<DataSetState, string> = {
	never: 'Never surveyed', waiting: 'Waiting', surveying: 'Surveying', failed: 'Survey failed', older: 'Corrected since the survey', refused: 'Refused for training', surveyed: 'Surveyed',
}

/** What is to be known of a data set first, and the reason where it is no good news. */
export function stateOf({ job, found, surveyIsOlder }: Pick<DataSetSummary, 'job' | 'found' | 'surveyIsOlder'>): { state: DataSetState; reason: string } {
	if (job?.state === 'waiting') return { state: 'waiting', reason: '' }
	if (job?.state === 'running') return { state: 'surveying', reason: '' }
	if (job?.state === 'failed') return { state: 'failed', reason: job.reason }
	if (!found) return { state: 'never', reason: job?.state === 'cancelled' ? 'The survey was cancelled.' : '' }
	if (surveyIsOlder) return { state: 'older', reason: found.refusal }
	return found.refusal === '' ? { state: 'surveyed', reason: '' } : { state: 'refused', reason: found.refusal }
}

/** "5,753 images, 3 labels, 2,310 patients or groups"; '' before the first survey. */
export function sizeInWords(found: DataSetSummary['found']): string {
	if (!found) return ''
	return `${count(found.images, 'image')}, ${count(found.labels.length, 'label')}, ${count(found.groups, 'patient or group', 'patients or groups')}`
}

/** "2 images left out, 1 relabelled"; '' where nothing was corrected. */
export function correctionsInWords({ leftOut, relabelled }: DataSetSummary['corrections']): string {
	const parts = [leftOut > 0 ? `${count(leftOut, 'image')} left out` : '', relabelled > 0 ? `${leftOut > 0 ? number(relabelled) : count(relabelled, 'image')} relabelled` : '']
	return parts.filter((part) => part !== '').join(', ')
}

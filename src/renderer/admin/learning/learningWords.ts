import type { LearningCase, LearningQuery, LearningSet } from '../../../common/contract/learning.ts'
import { count, named } from '../../ui/words.ts'

export const SHOW_TITLES: Record<Exclude<LearningQuery['show'], undefined>, string> = { all: 'Everything that was decided', accepted: 'Accepted as the network said', corrected: 'Corrected by a reader', 'left out': 'Left out' }

export const TRUTH_TITLES = { present: 'Present', absent: 'Absent', unknown: 'Not known' } as const

/** What patients become in a set that is made. */
export const PRIVACY = 'In the data set a patient is a pseudonym such as p12: no name, number or date goes with the images. What is burnt into their pixels does.'

type Labels = Pick<LearningCase, 'labels'>

/** Sets are told apart by their labels, in whatever order a model has them. */
export function keyOfSet({ labels }: Pick<LearningSet, 'labels'>): string {
	return JSON.stringify(labels.toSorted())
}

/** "COVID-19, Normal, Pneumonia". */
export function setTitle({ counts }: Pick<LearningSet, 'counts'>): string {
	return counts.map(({ title }) => title).join(', ')
}

/** "24 images of 22 patients". */
export function sizeOfSet({ images, patients }: Pick<LearningSet, 'images' | 'patients'>): string {
	return `${count(images, 'image')} of ${count(patients, 'patient')}`
}

/** "11 corrected, 1 left out"; '' for neither. */
export function reviewOfSet({ corrected, leftOut }: Pick<LearningSet, 'corrected' | 'leftOut'>): string {
	return [corrected > 0 ? `${corrected} corrected` : '', leftOut > 0 ? `${leftOut} left out` : ''].filter((part) => part !== '').join(', ')
}

/** "Present", "Absent", "Not known". */
export function truthTitle(truth: 0 | 1 | null): string {
	return truth === null ? TRUTH_TITLES.unknown : truth === 1 ? TRUTH_TITLES.present : TRUTH_TITLES.absent
}

/** What readers say that an image shows: labels, else those of the network's that it does not show: "COVID-19", "Not COVID-19". */
export function readersSay({ labels }: Labels): string {
	const present = labels.filter(({ truth }) => truth === 1)
	if (present.length > 0) return titles(present)
	const denied = labels.filter(({ truth, called, finding }) => truth === 0 && called && finding)
	return denied.length > 0 ? `Not ${titles(denied)}` : 'None of the labels'
}

/** What the network called: "Normal", or that it called nothing. */
export function networkSaid({ labels }: Labels): string {
	return titles(labels.filter(({ called }) => called)) || 'No label called'
}

function titles(labels: readonly { title: string }[]): string {
	return labels.map(({ title }) => title).join(', ')
}

/** Whether a reader decided otherwise than the network called. A label that is no finding follows from the others and is nobody's decision. */
export function isCorrected({ truth, called, finding }: LearningCase['labels'][number]): boolean {
	return finding && truth !== null && (truth === 1) !== called
}

/** An image in words, for those who do not see its tile. */
export function caseInWords(one: Pick<LearningCase, 'patientName' | 'studyDate' | 'outcome' | 'leftOut' | 'labels'>): string {
	const { patientName, studyDate, outcome, leftOut } = one
	return [named(patientName), studyDate, `${readersSay(one)} by the readers`, `${networkSaid(one)} by the network`, outcome === 'corrected' ? 'Corrected' : 'Accepted', leftOut ? 'Left out' : ''].filter((part) => part !== '').join(', ')
}

/** What was done, as a sentence. */
export function leftOutInWords(images: number, leftOut: boolean): string {
	return leftOut ? `${count(images, 'image')} left out: a data set will not have ${images === 1 ? 'it' : 'them'}.` : `${count(images, 'image')} put back.`
}

export interface Progress {
	done: number
	of: number
}

/** "12 of 22 images written". */
export function progressInWords({ done, of }: Progress): string {
	return `${done} of ${count(of, 'image')} written`
}

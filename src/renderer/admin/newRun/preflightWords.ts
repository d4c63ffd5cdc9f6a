import type { Preflight } from '../../../common/contract/training/run.ts'
import type { GroupName } from './groups.ts'

/** A line of the checklist of a pre-flight. */
export interface CheckRow {
	state: 'good' | 'warning' | 'stops'
	title: string
	detail: string
	/** What to do, in a sentence; '' where there is nothing to do. */
	advice: string
	/** Part of the form where it is done; null where it is done elsewhere. */
	group: GroupName | null
}

const TITLES: Record<string, string> = {
	images: 'Images', classes: 'Classes (train / validation / test)', data: 'Images', batch: 'Batch', labels: 'Labels of the teachers', memory: 'Memory', disk: 'Disk', networks: 'Networks', time: 'Time',
}

/** What a warning is about, by its words; any other is just to be known. */
const TOPICS: readonly (readonly [RegExp, string])[] = [
	[/few images/, 'Few images'], [/look nearly the same|different splits/, 'Look-alikes'], [/come from sources/, 'Sources'], [/learned anew/, 'Last layer'], [/goes on|waits/, 'Another run'],
]

const ADVICE: Record<string, Pick<CheckRow, 'advice' | 'group'>> = {
	data: { advice: 'Add images, leave the class out, or choose another data set; its survey in Data sets shows what each split holds.', group: 'images' },
	batch: { advice: 'Make the batch smaller, or collect fewer batches for a step.', group: 'schedule' },
	memory: { advice: 'Make the batch or the images smaller, or close other programs.', group: 'schedule' },
	disk: { advice: 'Free some of the disk, for example by removing runs that nobody needs.', group: null },
}

/** What a fault of the networks is about: the field that it names tells. */
function adviceOnNetworks(detail: string): Pick<CheckRow, 'advice' | 'group'> {
	if (/labels of the teacher|teachers\[\d/.test(detail)) return { advice: 'Choose a teacher that was made for the same labels and the same part of the film, or none.', group: 'teachers' }
	if (/\bloss(es)?\b/.test(detail)) return { advice: 'Choose losses that fit the labels and the teachers.', group: 'losses' }
	if (/freeze/.test(detail)) return { advice: 'Choose what stays as it is anew.', group: 'freezing' }
	return { advice: 'Choose another student, or another size of its images.', group: 'student' }
}

/** The checklist: what stops the run first, then what a person should know, then what is well. */
export function checklist({ checks }: Preflight): CheckRow[] {
	const rows = checks.map(({ name, ok, detail }): CheckRow => {
		if (name === 'warning') return { state: 'warning', title: TOPICS.find(([words]) => words.test(detail))?.[1] ?? 'To know before', detail, advice: '', group: null }
		const title = TITLES[name] ?? name
		if (ok) return { state: 'good', title, detail, advice: '', group: null }
		return { state: 'stops', title, detail, ...(name === 'networks' ? adviceOnNetworks(detail) : (ADVICE[name] ?? { advice: '', group: null })) }
	})
	return (['stops', 'warning', 'good'] as const).flatMap((state) => rows.filter((row) => row.state === state))
}

/** What it comes to, in a sentence. */
export function verdict(rows: readonly CheckRow[]): string {
	const stops = rows.filter(({ state }) => state === 'stops').length
	const warnings = rows.filter(({ state }) => state === 'warning').length
	if (stops > 0) return stops === 1 ? 'The run cannot begin: one thing stops it.' : `The run cannot begin: ${stops} things stop it.`
	return warnings === 0 ? 'The run can begin.' : `The run can begin; ${warnings === 1 ? 'one thing is' : `${warnings} things are`} to be known before.`
}

const PHASES: Record<string, string> = { images: 'Reading the images', lungs: 'Finding the lungs', normalisation: 'Giving the network its normalisation back', 'answers of the teachers': 'Asking the teachers', 'blocks of networks': 'Measuring blocks of networks on this machine', pictures: 'Making pictures' }

/** How far a job is: "Reading the images, 1,200 of 5,753". */
export function progressInWords({ phase, done, of }: { phase: string; done: number; of: number }): string {
	const name = PHASES[phase] ?? `${phase.charAt(0).toUpperCase()}${phase.slice(1)}`
	return of > 0 ? `${name}, ${done.toLocaleString('en-GB')} of ${of.toLocaleString('en-GB')}` : name
}

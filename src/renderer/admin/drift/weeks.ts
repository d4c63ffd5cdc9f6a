import type { GateCheck } from '../../../common/contract/analysis.ts'
import { FEWEST_IMAGES, type Drift, type DriftModel, type DriftWeek, type Share } from '../../../common/contract/drift.ts'
import { wilsonInterval } from '../../../common/stats/wilson.ts'
import { count, number } from '../../ui/words.ts'
import { NO_VALUE } from '../charts/numbers.ts'

/** A week of one model; week is null where it saw no film. */
export interface WeekOfModel {
	/** YYYY-MM-DD. */
	monday: string
	week: DriftWeek | null
}

const DAY = 86_400_000

/** Every week of one model, the oldest first, this one last. @param now milliseconds since 1970. */
export function weeksOf({ weeks }: Pick<Drift, 'weeks'>, modelSha256: string, many: number, now: number): WeekOfModel[] {
	const today = Math.floor(now / DAY)
	// The first of January 1970 was a Thursday.
	const thisMonday = today - ((today + 3) % 7)
	const own = new Map(weeks.filter((week) => week.modelSha256 === modelSha256).map((week) => [week.monday, week]))
	return Array.from({ length: many }, (_, place) => {
		const monday = new Date((thisMonday - 7 * (many - 1 - place)) * DAY).toISOString().slice(0, 10)
		return { monday, week: own.get(monday) ?? null }
	})
}

/** The table's rows, the newest first: weeks with films, and how many without any lie between. */
export function rowsOf(weeks: readonly WeekOfModel[]): (DriftWeek | { without: number; monday: string })[] {
	const rows: (DriftWeek | { without: number; monday: string })[] = []
	for (const { monday, week } of weeks.toReversed()) {
		const before = rows.at(-1)
		if (week) rows.push(week)
		else if (before && 'without' in before) Object.assign(before, { without: before.without + 1, monday })
		else rows.push({ without: 1, monday })
	}
	return rows
}

/** Images that are not like the training images, of those that came as far as this last check. */
export function unlikeShare({ refusals, abstained }: Pick<DriftWeek, 'refusals' | 'abstained'>): Share {
	const found = refusals.find(({ check }) => check === 'likeness')?.images ?? 0
	const of = abstained.of + found
	return { found, of, value: of === 0 ? null : found / of, interval: wilsonInterval(found, of) }
}

/** Whether a week has enough images to be held against what the model's validation states. */
export function isJudged(week: DriftWeek, { validation }: Pick<DriftModel, 'validation'>): boolean {
	return (validation.abstained !== null && week.abstained.of >= FEWEST_IMAGES) || (validation.unlike !== null && unlikeShare(week).of >= FEWEST_IMAGES)
}

/** How the weeks stand to the model's validation, as a sentence. */
export function verdict(weeks: readonly WeekOfModel[], model: Pick<DriftModel, 'validation'>): string {
	const { abstained, unlike } = model.validation
	if (!abstained && !unlike) return 'The pack of this model does not state these shares, or is not installed: no week can be held against its validation.'
	const seen = weeks.flatMap(({ week }) => week ?? [])
	const judged = seen.filter((week) => isJudged(week, model)).length
	if (judged === 0) return `No week has the ${FEWEST_IMAGES} images that it needs to be held against the model's own validation.`
	const differing = seen.filter(({ differs }) => differs.length > 0).length
	if (judged === 1) return `The one week with enough images ${differing === 0 ? 'does not differ' : 'differs'} from the model's own validation.`
	return `${differing === 0 ? 'None' : number(differing)} of the ${number(judged)} weeks with enough images ${differing > 1 ? 'differ' : 'differs'} from the model's own validation.`
}

const CHECKS: Record<GateCheck['name'], string> = {
	decoded: 'not decoded', frame: 'no plausible frame', photometric: 'colour', constant: 'blank', saturation: 'saturated', size: 'too small', modality: 'modality', bodyPart: 'body part or view', lungs: 'lungs',
	likeness: 'not like the training images',
}

/** "lungs 3, blank 1"; '' where nothing was refused. */
export function refusalsInWords(refusals: DriftWeek['refusals']): string {
	return refusals.map(({ check, images }) => `${CHECKS[check]} ${number(images)}`).join(', ')
}

/** "12.3 %"; a dash where there is nothing that it could be a share of. */
export function percent(value: number | null): string {
	return value === null ? NO_VALUE : `${(100 * value).toFixed(1)} %`
}

/** "12.3 % (8.1 to 18.2)". */
export function shareWithInterval({ value, interval }: Pick<Share, 'value' | 'interval'>): string {
	return value === null || !interval ? percent(value) : `${percent(value)} (${(100 * interval[0]).toFixed(1)} to ${(100 * interval[1]).toFixed(1)})`
}

/** "16 of 130". */
export function countsOf({ found, of }: Pick<Share, 'found' | 'of'>): string {
	return `${number(found)} of ${number(of)}`
}

/** What a chart of shares shows, in words, for those who do not see it. */
export function chartInWords(title: string, weeks: readonly { monday: string; value: number | null }[]): string {
	const known = weeks.filter(({ value }) => value !== null)
	const last = known.at(-1)
	if (!last) return `${title}: no values.`
	const values = known.map(({ value }) => value ?? 0)
	return `${title}: ${count(known.length, 'week')}, from ${percent(Math.min(...values))} to ${percent(Math.max(...values))}, last ${percent(last.value)} in the week of ${last.monday}.`
}

/** The end of a scale from 0 that has room for a value: 1, 2 or 5 times a power of ten. */
export function scaleEnd(most: number, least: number): number {
	const wanted = Math.max(most, least)
	const power = 10 ** Math.floor(Math.log10(wanted))
	// 0.3 / 0.1 is a little more than 3.
	const factor = [1, 2, 5, 10].find((step) => wanted / power <= step + 1e-9) ?? 10
	return Number((factor * power).toPrecision(6))
}

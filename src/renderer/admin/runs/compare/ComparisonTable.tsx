import { ArrowDown, ArrowUp, Equal, Minus, TriangleAlert, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { COMPARED_METRICS, type RunComparison } from '../../../../common/contract/training/review.ts'
import { metricTitle } from '../../../../common/text/metricTitle.ts'
import { bytes, count, number } from '../../../ui/words.ts'
import { LineSample } from '../../charts/LineSample.tsx'
import { intervalText, NO_VALUE } from '../../charts/numbers.ts'
import { openRun } from '../runsStore.ts'
import { amountText, differenceText, durationText, fieldText, millisecondsText, OWN_METRICS, stateText, verdictOf, type ComparedRun, type Verdict } from './comparisonWords.ts'

interface Props {
	comparison: RunComparison
	onFirst(id: string): void
	/** Null where two are left. */
	onLeaveOut: ((id: string) => void) | null
}

/** A column for each run, a row for each thing that is known of them; names and the first column stay in sight. */
export function ComparisonTable({ comparison: { split, runs, fields, common, reason }, onFirst, onLeaveOut }: Props) {
	const [first] = runs
	const known: [title: string, of: (run: ComparedRun) => ReactNode][] = [
		['State', ({ state }) => stateText(state)],
		['Student', ({ student }) => <bdi>{student}</bdi>],
		['Labels', ({ labels }) => <bdi title={labels.join(', ')}>{labels.length > 4 ? count(labels.length, 'label') : labels.join(', ')}</bdi>],
		['Seed', ({ seed }) => number(seed)],
		['Time at work', ({ seconds }) => durationText(seconds)],
		['Parameters', ({ parameters }) => amountText(parameters)],
		['Multiply-accumulates of an image', ({ macs }) => amountText(macs)],
		['Size of the network', ({ bytes: size }) => (size === null ? NO_VALUE : bytes(size))],
		['Time for an image', ({ milliseconds }) => millisecondsText(milliseconds)],
	]
	return (
		<div className="compare-scroller" role="region" aria-label="Runs side by side, a table that scrolls" tabIndex={0}>
			<table className="compare-table numbers">
				<thead>
					<tr>
						<th scope="col" className="compare-row-title"><span className="muted">Run</span></th>
						{runs.map((run, index) => <RunHead key={run.id} run={run} index={index} onFirst={onFirst} onLeaveOut={onLeaveOut} />)}
					</tr>
				</thead>
				<Group title="What they are" columns={runs.length}>
					{known.map(([title, of]) => <Row key={title} title={title}>{runs.map((run) => <td key={run.id}>{of(run)}</td>)}</Row>)}
				</Group>
				{common ? (
					<Group
						title={`On the ${count(common.n, `${split} image`)} of ${count(common.groups, 'patient or group', 'patients or groups')} that all of them answered`} columns={runs.length}
						note={`Below each number the difference to ${first?.name ?? ''}, patients drawn for both alike: better or worse where its 95 % interval holds no 0, undecided where it does. With many numbers side by side one in twenty would be decided by chance.`}
					>
						{COMPARED_METRICS.map((metric) => (
							<Row key={metric} title={metricTitle(metric)}>
								{common.runs.map(({ id, metrics, differences }) => (
									<td key={id}>
										<span className="compare-number">{intervalText(metrics[metric].value, metrics[metric].interval)}</span>
										{differences ? <Difference metric={metric} difference={differences[metric]} /> : <span className="compare-difference">reference</span>}
									</td>
								))}
							</Row>
						))}
					</Group>
				) : (
					<Group title="On the same images" columns={runs.length}>
						<tr><td className="compare-row-title" /><td colSpan={runs.length} className="compare-reason"><TriangleAlert aria-hidden />They cannot be held against each other image by image. {reason}</td></tr>
					</Group>
				)}
				<Group title={`Results of each on all of its ${split} images`} columns={runs.length} note="With 95 % intervals over patients. Runs may have answered on different images.">
					<Row title="Images, patients or groups">{runs.map(({ id, results }) => <td key={id}>{results ? `${number(results.n)}, ${number(results.groups)}` : 'No results'}</td>)}</Row>
					{OWN_METRICS.map((metric) => (
						<Row key={metric} title={metricTitle(metric)}>
							{runs.map(({ id, results }) => {
								const measured = results?.metrics[metric]
								return <td key={id}>{measured ? intervalText(measured.value, measured.interval) : NO_VALUE}</td>
							})}
						</Row>
					))}
				</Group>
				<Group title="Fields of the recipes that differ" columns={runs.length}>
					{fields.length === 0 && <tr><td className="compare-row-title" /><td colSpan={runs.length} className="muted">The recipes are the same.</td></tr>}
					{fields.map(({ field, values }) => (
						<Row key={field} title={field}>
							{runs.map(({ id }, index) => {
								const text = fieldText(values[index] ?? null)
								return <td key={id} title={text}><bdi className="compare-field selectable">{text}</bdi></td>
							})}
						</Row>
					))}
				</Group>
			</table>
		</div>
	)
}

function RunHead({ run: { id, name }, index, onFirst, onLeaveOut }: { run: ComparedRun; index: number } & Pick<Props, 'onFirst' | 'onLeaveOut'>) {
	return (
		<th scope="col" className="compare-run">
			<button className="quiet compare-name" title={`${name}\n${id}`} onClick={() => openRun(id)}><bdi dir="auto">{name}</bdi></button>
			<span className="compare-run-line"><LineSample index={index} marks /><span className="cut muted" title={id}>{id}</span></span>
			<span className="compare-run-line">
				{index === 0 ? <span className="tag accent" title="The others are held against this run">Reference</span> : <button className="compare-small" aria-label={`Hold the others against ${name}`} title="Hold the others against this run" onClick={() => onFirst(id)}>Make reference</button>}
				{onLeaveOut && <button className="quiet icon compare-small" aria-label={`Leave ${name} out`} title="Leave out of the comparison" onClick={() => onLeaveOut(id)}><X aria-hidden /></button>}
			</span>
		</th>
	)
}

function Group({ title, note, columns, children }: { title: string; note?: string; columns: number; children: ReactNode }) {
	return (
		<tbody>
			<tr className="compare-group">
				<th scope="rowgroup" colSpan={columns + 1}>
					<span className="compare-group-title">{title}{note && <span className="muted compare-note">{note}</span>}</span>
				</th>
			</tr>
			{children}
		</tbody>
	)
}

function Row({ title, children }: { title: string; children: ReactNode }) {
	return <tr><th scope="row" className="compare-row-title" title={title}>{title}</th>{children}</tr>
}

const ICONS: Record<Verdict, typeof ArrowUp> = { better: ArrowUp, worse: ArrowDown, undecided: Minus, 'the same': Equal, 'not defined': Minus }

function Difference({ metric, difference }: { metric: string; difference: { value: number | null; interval: [number, number] | null } }) {
	const verdict = verdictOf(metric, difference)
	const Icon = ICONS[verdict]
	return (
		<>
			<span className="compare-difference">{differenceText(difference)}</span>
			<span className={`compare-verdict ${verdict}`}><Icon aria-hidden />{verdict}</span>
		</>
	)
}

import { useEffect, useMemo, useState } from 'react'
import type { Validation } from '../../../../common/contract/training/review.ts'
import { metricTitle } from '../../../../common/text/metricTitle.ts'
import { client } from '../../../app/client.ts'
import { joinLines } from '../../charts/lineData.ts'
import { LineChart } from '../../charts/LineChart.tsx'

/** No run has as many: its steps are left out of the answer, and its validations are all in one. */
const AFTER_ALL_STEPS = Number.MAX_SAFE_INTEGER

interface Curves {
	/** By the run's id. */
	validations: Record<string, readonly Validation[]>
	/** Of the runs whose validations cannot be read. */
	faults: string[]
}

async function validationsOf(id: string): Promise<{ id: string; validations: readonly Validation[]; fault: string }> {
	try {
		return { id, validations: (await client.call('training.metrics', { id, afterStep: AFTER_ALL_STEPS })).validations, fault: '' }
	} catch (error) {
		return { id, validations: [], fault: error instanceof Error ? error.message : String(error) }
	}
}

/** Pairs of a run's id and what its line is called. */
function titlesOf(key: string): [id: string, title: string][] {
	return JSON.parse(key) as [string, string][]
}

/** What the validations of the runs gave, one above the other over their epochs. */
export function ValidationCurves({ runs }: { runs: readonly { id: string; name: string }[] }) {
	const [curves, setCurves] = useState<Curves | null>(null)
	const [chosen, setChosen] = useState('balancedAccuracy')
	const isAmbiguous = new Set(runs.map(({ name }) => name)).size < runs.length
	const key = JSON.stringify(runs.map(({ id, name }) => [id, isAmbiguous ? id : name]))
	useEffect(() => {
		let isOver = false
		async function load(): Promise<void> {
			const answers = await Promise.all(titlesOf(key).map(([id]) => validationsOf(id)))
			if (!isOver) setCurves({ validations: Object.fromEntries(answers.map(({ id, validations }) => [id, validations])), faults: answers.flatMap(({ fault }) => (fault === '' ? [] : [fault])) })
		}
		void load()
		return () => {
			isOver = true
		}
	}, [key])

	const metrics = useMemo(() => [...new Set(Object.values(curves?.validations ?? {}).flatMap((own) => own.flatMap((validation) => Object.keys(validation.metrics))))], [curves])
	const metric = metrics.includes(chosen) ? chosen : (metrics[0] ?? chosen)
	const lines = useMemo(() => titlesOf(key).map(([name, title]) => ({ name, title, marks: true })), [key])
	const data = useMemo(() => joinLines(Object.fromEntries(Object.entries(curves?.validations ?? {}).map(([id, own]) => [id, { x: own.map(({ epoch }) => epoch), y: own.map(({ metrics: measured }) => measured[metric] ?? null) }]))), [curves, metric])
	if (!curves) return null
	return (
		<section className="compare-curves" aria-label="Validations">
			<div className="compare-curves-head">
				<h2>Validations while they were trained</h2>
				{metrics.length > 0 && (
					<label><span className="muted">Number</span>
						<select aria-label="Number of the validations" value={metric} onChange={(event) => setChosen(event.target.value)}>
							{metrics.map((name) => <option key={name} value={name}>{metricTitle(name)}</option>)}
						</select>
					</label>
				)}
			</div>
			{curves.faults.map((fault) => <p key={fault} className="compare-reason selectable">{fault}</p>)}
			{metrics.length === 0 ? <p className="muted">None of them has been validated yet.</p> : <LineChart label={`${metricTitle(metric)} of the validations`} titles={{ x: 'Epoch', left: metricTitle(metric) }} data={data} lines={lines} />}
		</section>
	)
}

import { useEffect, useState } from 'react'
import type { TrainingRun } from '../../../common/contract/training/desk.ts'
import { client } from '../../app/client.ts'
import { CompareRuns } from './compare/CompareRuns.tsx'
import { WorstErrors } from './errors/WorstErrors.tsx'
import { compareRuns, openRun, useRuns } from './runsStore.ts'

/** Runs. */
export function Section() {
	const place = useRuns((state) => state.place)
	const [runs, setRuns] = useState<TrainingRun[]>([])
	const [chosen, setChosen] = useState<string[]>([])
	const [tab, setTab] = useState('Live')
	const [split, setSplit] = useState<'test' | 'validation'>('test')
	useEffect(() => void client.call('training.list', {}).then((list) => setRuns(list.runs)), [])
	if (place.at === 'compare') return <CompareRuns ids={place.ids} />
	if (place.at === 'list') {
		return (
			<div>
				<h1>Runs</h1>
				<button onClick={() => compareRuns(chosen)}>Compare</button>
				<ul>
					{runs.map(({ id, name }) => (
						<li key={id}>
							<input type="checkbox" aria-label={`Select ${name}`} checked={chosen.includes(id)} onChange={(event) => setChosen(event.target.checked ? [...chosen, id] : chosen.filter((own) => own !== id))} />
							<button onClick={() => openRun(id)}>{name}</button>
						</li>
					))}
				</ul>
			</div>
		)
	}
	return (
		<div style={{ display: 'flex', flexDirection: 'column', height: '100%' }}>
			<h1>{runs.find(({ id }) => id === place.id)?.name ?? 'Run'}</h1>
			<div role="tablist" aria-label="Run">{['Live', 'Log', 'Results', 'Errors', 'Recipe'].map((name) => <button key={name} role="tab" aria-selected={name === tab} onClick={() => setTab(name)}>{name}</button>)}</div>
			<div role="tabpanel" aria-label={tab} style={{ flex: 1, minHeight: 0 }}>
				{tab === 'Errors' && (
					<div style={{ display: 'flex', flexDirection: 'column', height: '100%' }}>
						<label>Images <select value={split} onChange={(event) => setSplit(event.target.value as 'test')}><option value="test">Test</option><option value="validation">Validation</option></select></label>
						<div style={{ flex: 1, minHeight: 0 }}><WorstErrors id={place.id} split={split} /></div>
					</div>
				)}
			</div>
		</div>
	)
}

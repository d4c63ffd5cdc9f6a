import { useEffect, useState, type KeyboardEvent } from 'react'
import type { TrainingRun } from '../../../common/contract/training/desk.ts'
import { client } from '../../app/client.ts'
import { useRoomCommands } from '../../app/useRoomCommands.ts'
import { tabAfterKey } from '../../ui/tabAfterKey.ts'
import { CompareRuns } from './compare/CompareRuns.tsx'
import { WorstErrors } from './errors/WorstErrors.tsx'
import { compareRuns, openRun, useRuns } from './runsStore.ts'

const TABS = ['Live', 'Log', 'Results', 'Errors', 'Recipe']

/** Runs. */
export function Section() {
	const place = useRuns((state) => state.place)
	const [runs, setRuns] = useState<TrainingRun[]>([])
	const [chosen, setChosen] = useState<string[]>([])
	const [tab, setTab] = useState('Live')
	const [split, setSplit] = useState<'test' | 'validation'>('test')
	useEffect(() => void client.call('training.list', {}).then((list) => setRuns(list.runs)), [])
	useRoomCommands([{ id: 'runs.back', title: 'Back to the list of runs', group: 'Runs', keys: 'Escape', enabled: () => place.at === 'one', run: () => useRuns.setState({ place: { at: 'list' } }) }])
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
	function press(event: KeyboardEvent): void {
		const target = tabAfterKey(TABS, tab, event.key)
		if (!target) return
		event.preventDefault()
		setTab(target)
		document.querySelector<HTMLElement>(`[data-tab="${target}"]`)?.focus()
	}
	return (
		<div style={{ display: 'flex', flexDirection: 'column', height: '100%' }}>
			<h1 style={{ fontSize: 'var(--size-16)', padding: '8px 16px' }}>{runs.find(({ id }) => id === place.id)?.name ?? 'Run'}</h1>
			<div role="tablist" aria-label="Run" style={{ display: 'flex', padding: '0 8px' }} onKeyDown={press}>{TABS.map((name) => <button key={name} className="quiet" role="tab" data-tab={name} tabIndex={name === tab ? 0 : -1} aria-selected={name === tab} onClick={() => setTab(name)}>{name}</button>)}</div>
			<div role="tabpanel" aria-label={tab} style={{ flex: 1, minHeight: 0 }}>
				{tab === 'Errors' && (
					<div style={{ display: 'flex', flexDirection: 'column', height: '100%' }}>
						<label style={{ padding: '4px 16px' }}>Images <select value={split} onChange={(event) => setSplit(event.target.value as 'test')}><option value="test">Test</option><option value="validation">Validation</option></select></label>
						<div style={{ flex: 1, minHeight: 0 }}><WorstErrors id={place.id} split={split} /></div>
					</div>
				)}
			</div>
		</div>
	)
}

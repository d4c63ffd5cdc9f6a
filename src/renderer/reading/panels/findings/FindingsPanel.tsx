import { useReading } from '../../readingStore.ts'
import { AddFinding } from './AddFinding.tsx'
import { FindingList } from './FindingList.tsx'

export function FindingsPanel() {
	const hasStudy = useReading((state) => state.study !== null)
	if (!hasStudy) return <p className="panel-note muted">Open a study to see its findings.</p>
	return (
		<section className="panel-column padded" aria-label="Findings">
			<FindingList />
			<AddFinding />
		</section>
	)
}

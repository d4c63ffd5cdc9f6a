import { ChevronRight, TriangleAlert } from 'lucide-react'
import { useContext, useId, type ReactNode } from 'react'
import { count } from '../../../ui/words.ts'
import { GROUPS, groupOf, type GroupName } from '../groups.ts'
import { openGroup, stillMissing, useNewRun } from '../newRunStore.ts'
import { Problems } from './problems.ts'

/** A part of the form: a line that says in words what it holds, and its fields where it is open. */
export function Group({ group, summary, children }: { group: GroupName; summary: string; children: ReactNode }) {
	const id = useId()
	const isOpen = useNewRun((state) => state.open.includes(group))
	const { draft, missing } = useNewRun()
	const problems = useContext(Problems).filter(({ field }) => groupOf(field) === group).length
	const absent = draft ? stillMissing(draft, missing).filter(({ field }) => groupOf(field) === group).length : 0
	const title = GROUPS.find((own) => own.group === group)?.title ?? ''
	return (
		<section className="new-run-group">
			<h2>
				<button className="quiet new-run-group-head" data-group={group} aria-expanded={isOpen} aria-controls={isOpen ? id : undefined} onClick={() => openGroup(group, !isOpen)}>
					<ChevronRight aria-hidden className="new-run-chevron" />
					<span className="new-run-group-title">{title}</span>
					<span className="cut new-run-summary" title={summary}>{summary}</span>
					{absent > 0 && <span className="tag warning"><TriangleAlert size={12} aria-hidden />{absent} missing</span>}
					{problems > 0 && <span className="tag danger"><TriangleAlert size={12} aria-hidden />{count(problems, 'problem')}</span>}
				</button>
			</h2>
			{isOpen && <div className="new-run-group-body" id={id} role="group" aria-label={title}>{children}</div>}
		</section>
	)
}

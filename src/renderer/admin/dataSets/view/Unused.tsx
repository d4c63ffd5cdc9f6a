import { useState } from 'react'
import type { DataSetSurvey } from '../../../../common/contract/training/dataSets.ts'
import { EmptyState } from '../../../ui/EmptyState.tsx'
import { VirtualGrid, type Column } from '../../../ui/VirtualGrid.tsx'
import { count, number } from '../../../ui/words.ts'

type Refused = DataSetSurvey['refused']['first'][number]

const COLUMNS: Column<Refused>[] = [
	{ key: 'id', title: 'Image or row', width: 'minmax(12rem, 2fr)', cell: ({ id }) => <bdi>{id}</bdi>, hint: ({ id }) => id },
	{ key: 'reason', title: 'Why it cannot be used', width: 'minmax(20rem, 3fr)', cell: ({ reason }) => <bdi>{reason}</bdi>, hint: ({ reason }) => reason },
]

/** Images and rows that cannot be used, each with its reason. */
export function Unused({ survey: { refused } }: { survey: DataSetSurvey }) {
	const [active, setActive] = useState(-1)
	const chosen = refused.first[active]
	if (refused.total === 0) return <EmptyState title="Every image can be used." text="Images that cannot be read, or that are listed with different labels, would stand here with the reason." />
	return (
		<div className="data-set-unused">
			<p className="numbers" role="status">
				{count(refused.total, 'image or row', 'images or rows')} cannot be used and {refused.total === 1 ? 'is' : 'are'} left out.{refused.total > refused.first.length && ` The first ${number(refused.first.length)} are listed.`} Mend or replace the files and survey anew.
			</p>
			<div className="data-set-unused-list">
				<VirtualGrid label="Images that cannot be used" columns={COLUMNS} count={refused.first.length} rowAt={(index) => refused.first[index]} active={active} onActive={setActive} />
			</div>
			{chosen && <p className="data-set-chosen selectable"><strong><bdi>{chosen.id}</bdi></strong> {chosen.reason}</p>}
		</div>
	)
}

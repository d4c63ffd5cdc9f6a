import './dataSets.css'
import { useEffect } from 'react'
import { AddDataSet } from './adding/AddDataSet.tsx'
import { DataSetList } from './DataSetList.tsx'
import { useDataSets, watchDataSets } from './dataSetsStore.ts'
import { DataSetView } from './view/DataSetView.tsx'

/** Data sets that networks are trained on: what is in them, whether they leak, and what is corrected of them by hand. */
export function Section() {
	const place = useDataSets((state) => state.place)
	useEffect(watchDataSets, [])
	switch (place.at) {
		case 'list': return <DataSetList />
		case 'adding': return <AddDataSet key={place.folder} folder={place.folder} />
		case 'one': return <DataSetView key={place.id} id={place.id} tab={place.tab} />
	}
}

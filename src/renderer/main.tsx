import '@fontsource-variable/inter/wght.css'
import './ui/tokens.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Frame } from './app/Frame.tsx'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no element with the id root.')
createRoot(root).render(
	<StrictMode>
		<Frame />
	</StrictMode>,
)

import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** A page for tests alone: the charts of the Admin room with made-up and shipped numbers. */
export default defineConfig({
	root: fileURLToPath(new URL('.', import.meta.url)),
	plugins: [react()],
	// As the page of the program: its policy knows no data: addresses of fonts.
	build: { assetsInlineLimit: 0, emptyOutDir: true, chunkSizeWarningLimit: 8000 },
	logLevel: 'warn',
})

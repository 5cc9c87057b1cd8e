// Line art beside words, never instead of them.
const PATHS = {
  inbox: "M4 5h16v14H4zM4 14h5l1 2h4l1-2h5",
  lock: "M5 10h14v11H5zM8 10V7a4 4 0 0 1 8 0v3",
  eye: "M3 3l18 18M10 6c6-1 10 3 12 6-1 1-2 3-4 4M6 8c-2 1-3 3-4 4 3 5 8 7 13 5",
  mail: "M3 6h18v13H3zM3 7l9 6 9-6",
  back: "M15 5l-7 7 7 7",
  more: "M4.5 12h1.5M11.2 12h1.6M18 12h1.5",
};

export function Icon(props: { name: keyof typeof PATHS }) {
  return <svg viewBox="0 0 24 24" aria-hidden="true"><path d={PATHS[props.name]} /></svg>;
}

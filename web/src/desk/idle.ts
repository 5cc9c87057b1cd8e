// The desk locks by itself: any touch begins the time anew, a look from the server does not.
import { useEffect, useRef, useState } from "preact/hooks";

const TOUCHES = ["pointerdown", "keydown", "wheel", "touchmove"];

/** Minutes until `lock` is called. */
export function useIdleLock(seconds: number, lock: () => void): number {
  const last = useRef({ wall: Date.now(), running: performance.now() });
  const [minutes, setMinutes] = useState(Math.ceil(seconds / 60));
  useEffect(() => {
    let locked = false;
    const look = (): void => {
      // One clock stops while the computer sleeps, the other can be set back: the longer time counts.
      const passed = Math.max(Date.now() - last.current.wall, performance.now() - last.current.running) / 1000;
      const left = seconds - passed;
      setMinutes(Math.max(1, Math.ceil(left / 60)));
      if (left > 0 || locked) return;
      locked = true;
      lock();
    };
    const touch = (): void => {
      look(); // A touch after a long sleep comes too late.
      last.current = { wall: Date.now(), running: performance.now() };
      setMinutes(Math.ceil(seconds / 60));
    };
    const timer = setInterval(look, 1000);
    for (const event of TOUCHES) addEventListener(event, touch, { passive: true });
    return () => {
      clearInterval(timer);
      for (const event of TOUCHES) removeEventListener(event, touch);
    };
  }, [seconds]);
  return minutes;
}

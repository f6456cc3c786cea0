// Fingers on the terminal: two change the font, one scrolls the history. And the part of the page that a phone's keyboard
// leaves free.

const LINE_PX = 22;

export interface TouchActs {
  fontPx(): number;
  /** The fingers are at this font size; `isDone`: they have left. */
  pinch(px: number, isDone: boolean): void;
  wheel(isUp: boolean): void;
}

export function listenToFingers(place: HTMLElement, acts: TouchActs): void {
  let pinch: { apart: number; px: number; now: number } | null = null;
  let swipeY: number | null = null;
  const apart = (touches: TouchList): number => {
    const [one, two] = [touches[0], touches[1]];
    return one && two ? Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY) : 0;
  };
  place.addEventListener("touchstart", (event) => {
    swipeY = event.touches.length === 1 ? (event.touches[0]?.clientY ?? null) : null;
    if (event.touches.length === 2) pinch = { apart: apart(event.touches), px: acts.fontPx(), now: acts.fontPx() };
  });
  place.addEventListener(
    "touchmove",
    (event) => {
      const finger = event.touches[0];
      if (pinch !== null && event.touches.length === 2 && pinch.apart > 0) {
        event.preventDefault();
        pinch.now = (pinch.px * apart(event.touches)) / pinch.apart;
        acts.pinch(pinch.now, false);
      } else if (swipeY !== null && finger !== undefined) {
        for (let y = finger.clientY; Math.abs(y - swipeY) >= LINE_PX; ) {
          event.preventDefault();
          const isUp: boolean = y > swipeY;
          swipeY += isUp ? LINE_PX : -LINE_PX;
          acts.wheel(isUp);
        }
      }
    },
    { passive: false },
  );
  const end = (event: TouchEvent): void => {
    if (pinch !== null && event.touches.length < 2) {
      acts.pinch(pinch.now, true);
      pinch = null;
    }
    if (event.touches.length === 0) swipeY = null;
  };
  place.addEventListener("touchend", end);
  place.addEventListener("touchcancel", end);
}

/** Keep the page in the part of the window that no keyboard covers. */
export function keepAboveKeyboard(page: HTMLElement): void {
  const visible = window.visualViewport;
  if (visible === null) return;
  const place = (): void => {
    if (visible.scale > 1.01) return; // zoomed by the browser: leave it to the person
    page.style.setProperty("--height", `${visible.height}px`);
    page.style.setProperty("--top", `${visible.offsetTop}px`);
  };
  visible.addEventListener("resize", place);
  visible.addEventListener("scroll", place);
}

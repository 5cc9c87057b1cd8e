// Before all stories.
import { foundFor } from "./city";

export default (): Promise<() => void> => foundFor(["", ...(process.env.SHUDONG_TEST_POSTGRES ? [process.env.SHUDONG_TEST_POSTGRES] : [])]);

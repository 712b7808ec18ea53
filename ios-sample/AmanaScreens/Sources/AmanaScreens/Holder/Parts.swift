// What several of the holder's pages have.

func doorPick(_ chosen: Int) -> Block.Pick {
    Block.Pick(Say(.door), (1...4).map { Say(.doorNumber, ["number": $0]) }, chosen: chosen)
}

func number(_ door: Block.Pick) -> UInt8 { UInt8(door.chosen + 1) }

func pinTwice() -> (Block.Entry, Block.Entry) { (Block.Entry(Say(.pinNew), .pin), Block.Entry(Say(.pinAgain), .pin)) }

func same(_ pin: Block.Entry, _ again: Block.Entry) throws {
    if pin.text != again.text { throw Slip(.problemPinsDiffer) }
}

import AVFoundation
import AmanaScreens
import SwiftUI
import UIKit

/// The camera on a page. It stays where it is while what stands around it changes: taken away, it would start anew.
struct LensView: UIViewRepresentable {
    let camera: Block.Camera

    func makeUIView(context: Context) -> Lens { Lens() }

    func updateUIView(_ lens: Lens, context: Context) { lens.camera = camera }

    static func dismantleUIView(_ lens: Lens, coordinator: ()) { lens.close() }
}

/// The camera: shows what it sees, and tells the text of each code in it. No picture is kept.
final class Lens: UIView, AVCaptureMetadataOutputObjectsDelegate {
    var camera: Block.Camera?
    private let session = AVCaptureSession()
    /// The session starts and stops away from the thread that draws: both take a while.
    private let queue = DispatchQueue(label: "lens")

    override class var layerClass: AnyClass { AVCaptureVideoPreviewLayer.self }

    override func didMoveToWindow() {
        super.didMoveToWindow()
        if window != nil { open() }
    }

    func close() {
        camera = nil
        queue.async { [session] in session.stopRunning() }
    }

    private func open() {
        switch AVCaptureDevice.authorizationStatus(for: .video) {
        case .authorized: look()
        case .notDetermined:
            AVCaptureDevice.requestAccess(for: .video) { isAllowed in
                DispatchQueue.main.async { [weak self] in
                    if isAllowed { self?.look() } else { self?.none(isRefused: true) }
                }
            }
        default: none(isRefused: true)
        }
    }

    /// Not from within the drawing of a page, which it changes.
    private func none(isRefused: Bool) {
        DispatchQueue.main.async { [weak self] in self?.camera?.onNone(isRefused) }
    }

    private func look() {
        guard session.inputs.isEmpty else { return queue.async { [session] in session.startRunning() } }
        let output = AVCaptureMetadataOutput()
        guard let device = AVCaptureDevice.default(for: .video), let input = try? AVCaptureDeviceInput(device: device),
            session.canAddInput(input), session.canAddOutput(output)
        else { return none(isRefused: false) }
        session.addInput(input)
        session.addOutput(output)
        output.setMetadataObjectsDelegate(self, queue: .main)
        guard output.availableMetadataObjectTypes.contains(.qr) else { return none(isRefused: false) }
        output.metadataObjectTypes = [.qr]
        if let preview = layer as? AVCaptureVideoPreviewLayer {
            preview.session = session
            preview.videoGravity = .resizeAspectFill
        }
        queue.async { [session] in session.startRunning() }
    }

    func metadataOutput(
        _ output: AVCaptureMetadataOutput, didOutput objects: [AVMetadataObject], from connection: AVCaptureConnection
    ) {
        for case let code as AVMetadataMachineReadableCodeObject in objects {
            if let text = code.stringValue { camera?.onText(text) }
        }
    }
}

using Microsoft.Extensions.Hosting;

namespace Tenet.Kernel.Http;

/// <summary>
/// Keeps a stopping host answering for a moment after /health/ready has begun to say no, so that a load balancer sends it nothing more
/// before it closes its port.
/// </summary>
internal sealed class LeaveNotice(KernelOptions options, TimeProvider time) : IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.Delay(options.LeaveNotice, time, cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tenet.Kernel.Http;
using Tenet.Tests.Support;

namespace Tenet.Tests.Knowledge;

/// <summary>A website on a free loopback port, path by path, that counts its visits.</summary>
internal sealed class FakeSite : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeSite(WebApplication app) => _app = app;

    public ConcurrentDictionary<string, RequestDelegate> Paths { get; } = new(StringComparer.Ordinal);
    public ConcurrentDictionary<string, int> Visits { get; } = new(StringComparer.Ordinal);
    public Uri Address { get; private set; } = null!;

    public static async Task<FakeSite> StartAsync(TestHost? listedBy = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0));
        var site = new FakeSite(builder.Build());
        site._app.Run(site.AnswerAsync);
        await site._app.StartAsync();
        site.Address = new Uri(site._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        listedBy?.Services.GetRequiredService<Egress>().AllowLoopback(site.Address.Authority);
        return site;
    }

    public string Url(string path) => new Uri(Address, path).AbsoluteUri;

    public void Page(string path, string title, string body) =>
        Html(
            path,
            $"<!doctype html><html lang=en><head><title>{title}</title></head><body><main><h1>{title}</h1>{body}</main></body></html>"
        );

    public void Html(string path, string html) => Answer(path, "text/html; charset=utf-8", html);

    public void Answer(string path, string type, string text) =>
        Paths[path] = context =>
        {
            context.Response.ContentType = type;
            return context.Response.WriteAsync(text);
        };

    public void Redirect(string path, string to) =>
        Paths[path] = context =>
        {
            context.Response.Redirect(to);
            return Task.CompletedTask;
        };

    private Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path + context.Request.QueryString.ToString();
        Visits.AddOrUpdate(path, 1, (_, n) => n + 1);
        if (Paths.TryGetValue(path, out var answer) || Paths.TryGetValue("*", out answer))
        {
            return answer(context);
        }
        context.Response.StatusCode = 404;
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

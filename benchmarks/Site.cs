using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Tenet.Benchmarks;

/// <summary>A website on loopback, from memory: the PostgreSQL manual where it is installed, else a made-up one of its size.</summary>
internal sealed class Site : IAsyncDisposable
{
    private const string Manual = "/usr/share/doc/postgresql-doc-15/html";
    private readonly WebApplication _app;
    private readonly Dictionary<string, (byte[] Content, string Type)> _files;

    private Site(WebApplication app, Dictionary<string, (byte[], string)> files, bool isManual)
    {
        (_app, _files, IsManual) = (app, files, isManual);
        _app.Run(AnswerAsync);
    }

    /// <summary>False: the questions of the fixtures have no answer here.</summary>
    public bool IsManual { get; }

    public string Name => IsManual ? "the PostgreSQL 15 manual" : "a made-up site";

    public Uri Address { get; private set; } = null!;

    public Uri Start => new(Address, "/index.html");

    public static async Task<Site> StartAsync()
    {
        var isManual = Directory.Exists(Manual);
        var files = isManual
            ? Directory
                .EnumerateFiles(Manual)
                .ToDictionary(f => "/" + Path.GetFileName(f), f => (File.ReadAllBytes(f), TypeOf(f)), StringComparer.Ordinal)
            : MadeUpSite.Pages().ToDictionary(p => p.Path, p => (p.Content, "text/html; charset=utf-8"), StringComparer.Ordinal);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var site = new Site(builder.Build(), files, isManual);
        await site._app.StartAsync();
        var addresses = site._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        site.Address = new Uri(addresses.Addresses.First());
        return site;
    }

    private Task AnswerAsync(HttpContext context)
    {
        if (!_files.TryGetValue(context.Request.Path.Value!, out var file))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }
        context.Response.ContentType = file.Type;
        context.Response.ContentLength = file.Content.Length;
        return context.Response.Body.WriteAsync(file.Content, context.RequestAborted).AsTask();
    }

    private static string TypeOf(string file) =>
        Path.GetExtension(file) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css",
            ".svg" => "image/svg+xml",
            _ => "application/octet-stream",
        };

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}

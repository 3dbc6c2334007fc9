// Compiled by MSBuild while building, against .NET Standard 2.0; see TorchSharpRepair.targets.
using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Makes copies of libLibTorchSharp.so load where the system's C++ library lacks one symbol version.</summary>
/// <remarks>
/// The symbol is GCC 13's marker that the C++ library initialises iostreams itself; older ones do so from each library
/// that includes iostream, as libtorch's do. The call is sent to sched_yield, which takes nothing and harms nothing.
/// </remarks>
public sealed class RepairTorchSharpLibrary : Task
{
    private const string HarmlessSymbol = "sched_yield";

    [Required]
    public ITaskItem[] Libraries { get; set; }

    /// <summary>The undefined symbol to replace.</summary>
    [Required]
    public string Symbol { get; set; }

    /// <summary>The symbol version that the system lacks.</summary>
    [Required]
    public string Version { get; set; }

    public override bool Execute()
    {
        foreach (ITaskItem library in Libraries)
        {
            string path = library.GetMetadata("FullPath");
            try
            {
                byte[] image = File.ReadAllBytes(path);
                new ElfImage(image).Redirect(Symbol, HarmlessSymbol, Version);
                Replace(path, image);
                Log.LogMessage(MessageImportance.Normal, "{0} no longer needs {1}", path, Version);
            }
            catch (Exception exception)
                when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                Log.LogError("{0} needs {1}, which this system's libstdc++ lacks, and could not be repaired: {2} "
                    + "Build with -p:RepairTorchSharp=false and install libstdc++ of GCC 13 or later.",
                    path, Version, exception.Message);
            }
        }

        return !Log.HasLoggedErrors;
    }

    /// <summary>Puts a new file in place of the old: a link to the package cache is cut, not followed, and a process
    /// that
    /// has the old file mapped keeps it. The time stays, so that the next build sees nothing to copy.</summary>
    private static void Replace(string path, byte[] image)
    {
        DateTime time = File.GetLastWriteTimeUtc(path);
        string temporary = path + "." + Guid.NewGuid().ToString("N");
        try
        {
            File.WriteAllBytes(temporary, image);
            File.SetLastWriteTimeUtc(temporary, time);
            File.Replace(temporary, path, null);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>The parts of a 64-bit little-endian ELF file that say which symbols it needs.</summary>
    private sealed class ElfImage
    {
        private const int StaticSymbols = 2;
        private const int DynamicSymbols = 11;
        private const int VersionTable = 0x6fffffff;
        private const int VersionNeeds = 0x6ffffffe;
        private const int SymbolSize = 24;
        private const ushort GlobalVersion = 1;
        private const ushort WeakFlag = 2;

        private readonly byte[] _image;
        private readonly List<Section> _sections = new List<Section>();

        public ElfImage(byte[] image)
        {
            _image = image;
            if (image.Length < 64 || BitConverter.ToUInt32(image, 0) != 0x464c457f || image[4] != 2 || image[5] != 1)
            {
                throw new InvalidDataException("It is not a 64-bit little-endian ELF file.");
            }

            int table = (int)BitConverter.ToInt64(image, 40);
            int entrySize = BitConverter.ToUInt16(image, 58);
            int count = BitConverter.ToUInt16(image, 60);
            for (int i = 0; i < count; i++)
            {
                int at = table + (i * entrySize);
                _sections.Add(new Section(BitConverter.ToInt32(image, at + 4),
                    (int)BitConverter.ToInt64(image, at + 24),
                    (int)BitConverter.ToInt64(image, at + 32), BitConverter.ToInt32(image, at + 40)));
            }
        }

        /// <summary>Renames an undefined symbol, takes its version away and makes the version optional.</summary>
        public void Redirect(string symbol, string replacement, string version)
        {
            Section symbols = Find(DynamicSymbols);
            int index = Rename(symbols, symbol, replacement);
            Write(Find(VersionTable).Offset + (2 * index), GlobalVersion);
            MakeOptional(_sections[symbols.Link].Offset, version);
            if (_sections.Find(section => section.Type == StaticSymbols) is Section debugging)
            {
                // Static symbols carry their version in their name.
                Rename(debugging, symbol + "@" + version, replacement);
            }
        }

        private int Rename(Section symbols, string symbol, string replacement)
        {
            int strings = _sections[symbols.Link].Offset;
            int index = FindSymbol(symbols, strings, symbol);
            byte[] name = new byte[symbol.Length];
            Encoding.ASCII.GetBytes(replacement, 0, replacement.Length, name, 0);
            Array.Copy(name, 0, _image, strings + NameOffset(symbols, index), name.Length);
            return index;
        }

        private int FindSymbol(Section symbols, int strings, string name)
        {
            int found = -1;
            for (int i = 0; i < symbols.Size / SymbolSize; i++)
            {
                if (Text(strings + NameOffset(symbols, i)) == name)
                {
                    bool isUndefined = BitConverter.ToUInt16(_image, symbols.Offset + (i * SymbolSize) + 6) == 0;
                    found = isUndefined && found < 0 ? i : throw new InvalidDataException($"{name} is defined, or "
                        + "there twice.");
                }
            }

            return found >= 0 ? found : throw new InvalidDataException($"No symbol {name} is needed.");
        }

        private void MakeOptional(int strings, string version)
        {
            // Elf64_Verneed: version, count, file, first auxiliary, next; Elf64_Vernaux: hash, flags, other, name,
            // next.
            int need = Find(VersionNeeds).Offset;
            while (true)
            {
                int auxiliary = need + BitConverter.ToInt32(_image, need + 8);
                for (int left = BitConverter.ToUInt16(_image, need + 2); left > 0; left--)
                {
                    if (Text(strings + BitConverter.ToInt32(_image, auxiliary + 8)) == version)
                    {
                        Write(auxiliary + 4, (ushort)(BitConverter.ToUInt16(_image, auxiliary + 4) | WeakFlag));
                        return;
                    }

                    auxiliary += BitConverter.ToInt32(_image, auxiliary + 12);
                }

                int next = BitConverter.ToInt32(_image, need + 12);
                need = next != 0 ? need + next : throw new InvalidDataException($"No version {version} is needed.");
            }
        }

        private Section Find(int type) => _sections.Find(section => section.Type == type)
            ?? throw new InvalidDataException($"It has no section of type 0x{type:x}.");

        private int NameOffset(Section symbols, int index) =>
            BitConverter.ToInt32(_image, symbols.Offset + (index * SymbolSize));

        private string Text(int at) => Encoding.ASCII.GetString(_image, at, Array.IndexOf(_image, (byte)0, at) - at);

        private void Write(int at, ushort value) => BitConverter.GetBytes(value).CopyTo(_image, at);
    }

    private sealed class Section
    {
        public Section(int type, int offset, int size, int link)
        {
            Type = type;
            Offset = offset;
            Size = size;
            Link = link;
        }

        public int Type { get; }

        public int Offset { get; }

        public int Size { get; }

        public int Link { get; }
    }
}
